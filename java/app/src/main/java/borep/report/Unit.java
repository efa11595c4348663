package borep.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** How values are written. The space before a per cent sign is one that never breaks. */
enum Unit {
    /** A share in [0, 1], written with one decimal: 71.2 %. */
    SHARE,
    /** A whole number with thousands separators: 12,345. */
    COUNT,
    /** Any real number with up to four significant digits; powers of ten where decimals would not be readable. */
    NUMBER,
    /** A time span given in seconds: 4.2 s, 2:09 min, 1:03 h. */
    SECONDS;

    private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /** {@code value} as a reader likes it in a sentence. */
    String format(final double value) {
        if (!Double.isFinite(value)) {
            return Double.isNaN(value) ? "not a number" : value > 0 ? "∞" : "−∞";
        }
        return switch (this) {
            case SHARE -> decimals(100 * value, 1) + "\u00a0%";
            case COUNT -> decimals(value, 0);
            case NUMBER -> significant(value);
            case SECONDS -> duration(value);
        };
    }

    /** {@code value} at an axis whose ticks lie {@code gap} apart. */
    String tick(final double value, final double gap) {
        final double scale = this == SHARE ? 100 : 1;
        final int places = (int) Math.max(0, Math.ceil(-Math.log10(gap * scale) - 1e-9));
        final boolean plain = places <= 4 && Math.abs(value) < 1e6;
        return this == SHARE
                ? decimals(value * scale, places) + "\u00a0%"
                : plain ? decimals(value, places) : significant(value);
    }

    /** 10 to the {@code exponent}: 0.01, 1, 1,000, 10⁻⁵. */
    static String powerOfTen(final int exponent) {
        return exponent >= -3 && exponent <= 3
                ? decimals(Math.pow(10, exponent), Math.max(0, -exponent))
                : "10" + raised(exponent);
    }

    private static String significant(final double value) {
        final double size = Math.abs(value);
        if (size == 0) {
            return "0";
        }
        if (size >= 1e-3 && size < 1e6) {
            final int whole = (int) Math.floor(Math.log10(size)) + 1;
            final String text = decimals(value, Math.max(0, 4 - Math.max(whole, 0)));
            return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
        }
        final BigDecimal rounded = new BigDecimal(value).round(new MathContext(3));
        final int exponent = rounded.precision() - rounded.scale() - 1;
        final String mantissa =
                decimals(rounded.movePointLeft(exponent).doubleValue(), 2).replaceFirst("\\.?0+$", "");
        return (mantissa.equals("1") ? "10" : mantissa + "·10") + raised(exponent);
    }

    private static String duration(final double seconds) {
        if (seconds < 9.95) {
            return decimals(seconds, 1) + "\u00a0s";
        }
        final long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + "\u00a0s";
        }
        return whole < 3600
                ? "%d:%02d\u00a0min".formatted(whole / 60, whole % 60)
                : "%d:%02d\u00a0h".formatted(whole / 3600, whole % 3600 / 60);
    }

    private static String decimals(final double value, final int places) {
        final String text = String.format(Locale.ROOT, "%,." + places + "f", value);
        final boolean zero = text.chars().noneMatch(c -> c >= '1' && c <= '9');
        return zero ? text.replace("-", "") : text.replace('-', '−');
    }

    private static String raised(final int exponent) {
        final StringBuilder text = new StringBuilder(exponent < 0 ? "⁻" : "");
        Integer.toString(Math.abs(exponent)).chars().forEach(c -> text.append(RAISED.charAt(c - '0')));
        return text.toString();
    }
}
