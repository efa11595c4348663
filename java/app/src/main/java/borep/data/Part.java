package borep.data;

import java.util.Locale;

/** A part of a split. */
public enum Part {
    /** What the lower level learns from. */
    TRAIN,
    /** What the upper level learns from. */
    VALIDATION,
    /** What only measures. */
    TEST;

    /** The part that a file, folder or column calls by this name (dev, valid and val mean validation); null if none. */
    static Part named(final String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "train", "training" -> TRAIN;
            case "dev", "val", "valid", "validation" -> VALIDATION;
            case "test" -> TEST;
            default -> null;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
