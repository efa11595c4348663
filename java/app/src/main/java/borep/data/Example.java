package borep.data;

/**
 * One labelled text, as its file gives it.
 *
 * @param text   the text, never blank
 * @param pair   the second text of a pair task (the hypothesis of a premise); null in single-text tasks
 * @param label  name of the class
 * @param domain where the text comes from (a product, a user, a topic); null if the data have no domains
 * @param origin {@code file:line}, or {@code file, entry 12} where a line would not tell
 */
public record Example(String text, String pair, String label, String domain, String origin) {}
