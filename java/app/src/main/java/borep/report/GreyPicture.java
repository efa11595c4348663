package borep.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** A picture of grey levels as part of a page. */
final class GreyPicture {
    private GreyPicture() {}

    /**
     * An {@code img} element that holds the picture itself.
     *
     * @param levels [height · width] 0 dark to 255 bright
     * @param height number of lines, at least 1
     */
    static String html(final byte[] levels, final int height) {
        final int width = levels.length / height;
        final BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setDataElements(0, 0, width, height, levels);
        final ByteArrayOutputStream png = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", png);
        } catch (final IOException failure) {
            throw new UncheckedIOException(failure); // memory cannot fail
        }
        return "<img alt=\"\" width=\"%d\" height=\"%d\" src=\"data:image/png;base64,%s\">"
                .formatted(2 * width, 2 * height, Base64.getEncoder().encodeToString(png.toByteArray()));
    }
}
