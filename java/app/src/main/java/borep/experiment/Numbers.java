package borep.experiment;

/** Reads several numbers from one setting. */
final class Numbers {
    private Numbers() {}

    /** "10,-8". */
    static double[] parse(final String name, final String text) {
        final String[] parts = text.split(",", -1);
        final double[] numbers = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                numbers[i] = Double.parseDouble(parts[i]);
            } catch (NumberFormatException e) {
                numbers[i] = Double.NaN; // one message for whatever is no number
            }
            if (!Double.isFinite(numbers[i])) {
                throw new IllegalArgumentException(
                        name + " '" + text + "': must be numbers separated by commas, such as 10,-8");
            }
        }
        return numbers;
    }
}
