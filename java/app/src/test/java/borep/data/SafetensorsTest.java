package borep.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers that do not agree with themselves. */
class SafetensorsTest {
    @TempDir
    private Path temp;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[-2]|0|-8",
                "[-2,-1]|0|8",
                "[2]|8|0",
                "[2]|-8|0",
                "[-2]|8|0",
                "[2147483647,2147483647,4]|0|16",
                "[4294967298]|0|8",
                "[1,\"x\"]|0|4",
            })
    void sizesMustAgree(final String shape, final String from, final String to) {
        final Folder folder = new Folder(temp);
        final String header =
                "{\"a\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[" + from + "," + to + "]}}";
        final ByteBuffer bytes = ByteBuffer.allocate(8 + header.length() + 64).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length()).put(header.getBytes(StandardCharsets.US_ASCII));
        folder.write("a.safetensors", bytes.array());
        folder.mistake(
                "DIR/a.safetensors: tensor 'a' of shape " + shape + " at bytes [" + from + ", " + to
                        + "): sizes do not agree",
                () -> Safetensors.read(folder.of("a.safetensors")));
    }
}
