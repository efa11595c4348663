package borep.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The safetensors format, version 0.4: an 8-byte little-endian header length, a JSON header, then the tensors' bytes,
 * row-major and little-endian. Reads and writes F32, F64 and I64.
 */
public final class Safetensors {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The format's own limit, which keeps a foreign file from asking for all memory. */
    private static final long LARGEST_HEADER = 100_000_000L;

    private final Path path;
    private final SequencedMap<String, String> metadata = new LinkedHashMap<>();
    private final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();

    /**
     * One tensor.
     *
     * @param type  F32, F64 or I64
     * @param shape dimensions
     * @param bytes its elements, little-endian
     */
    public record Tensor(String type, List<Integer> shape, ByteBuffer bytes) {
        /** Number of elements. */
        public int size() {
            return bytes.capacity() / width(type);
        }

        /** The elements of an F32 or F64 tensor. */
        public double[] toDoubles() {
            final double[] values = new double[size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = type.equals("F32") ? bytes.getFloat(4 * i) : bytes.getDouble(8 * i);
            }
            return values;
        }

        /** The elements of an I64 tensor that fit 32 bits. */
        public int[] toInts() {
            final int[] values = new int[size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = Math.toIntExact(bytes.getLong(8 * i));
            }
            return values;
        }

        /** A tensor of real numbers, stored as F32 or F64. */
        public static Tensor of(final double[] values, final List<Integer> shape, final boolean single) {
            final ByteBuffer bytes =
                    ByteBuffer.allocate(values.length * (single ? 4 : 8)).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < values.length; i++) {
                if (single) {
                    bytes.putFloat(4 * i, (float) values[i]);
                } else {
                    bytes.putDouble(8 * i, values[i]);
                }
            }
            return new Tensor(single ? "F32" : "F64", shape, bytes);
        }
    }

    private Safetensors(final Path path) {
        this.path = path;
    }

    /** The file's free-form entries. */
    public SequencedMap<String, String> metadata() {
        return metadata;
    }

    /** Tensors by name, in the file's order. */
    public SequencedMap<String, Tensor> tensors() {
        return tensors;
    }

    /**
     * The tensor of this name.
     *
     * @throws DataException "FILE: tensor 'NAME' is missing; …"
     */
    public Tensor tensor(final String name) {
        final Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new DataException(path + ": tensor '" + name + "' is missing; the file holds "
                    + (tensors.isEmpty() ? "none" : String.join(", ", tensors.keySet())));
        }
        return tensor;
    }

    private static int width(final String type) {
        return switch (type) {
            case "F32" -> 4;
            case "F64", "I64" -> 8;
            default -> 0;
        };
    }

    /**
     * Reads a whole file.
     *
     * @throws DataException if it is missing, truncated or not a safetensors file
     */
    public static Safetensors read(final Path path) {
        final ByteBuffer all;
        try {
            all = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        } catch (NoSuchFileException e) {
            throw new DataException(path + ": no such file");
        } catch (IOException e) {
            throw new DataException(path + ": cannot be read: " + e.getMessage());
        }
        if (all.capacity() < 8) {
            throw new DataException(
                    path + ": " + all.capacity() + " bytes: a safetensors file begins with 8 bytes of length");
        }
        final long header = all.getLong(0);
        if (header < 2 || header > LARGEST_HEADER) {
            throw new DataException(path + ": header length " + header + ": not a safetensors file");
        }
        if (header > all.capacity() - 8) {
            throw new DataException(path + ": header of " + header + " bytes, the file ends after "
                    + (all.capacity() - 8) + ": truncated, copy it again");
        }
        final Safetensors file = new Safetensors(path);
        file.readHeader(all, (int) header);
        return file;
    }

    private void readHeader(final ByteBuffer all, final int header) {
        final JsonNode root;
        try {
            root = JSON.readTree(all.array(), 8, header);
        } catch (JsonProcessingException e) {
            throw new DataException(
                    path + ": header is not JSON (" + e.getOriginalMessage() + "): not a safetensors file");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (root == null || !root.isObject()) {
            throw new DataException(path + ": header is not a JSON object: not a safetensors file");
        }
        for (final Map.Entry<String, JsonNode> entry : root.properties()) {
            if (entry.getKey().equals("__metadata__")) {
                entry.getValue()
                        .properties()
                        .forEach(item ->
                                metadata.put(item.getKey(), item.getValue().asText()));
            } else {
                tensors.put(entry.getKey(), readTensor(entry.getKey(), entry.getValue(), all, 8 + header));
            }
        }
    }

    private Tensor readTensor(final String name, final JsonNode node, final ByteBuffer all, final int begin) {
        final String type = node.path("dtype").asText();
        final int width = width(type);
        if (width == 0) {
            throw new DataException(path + ": tensor '" + name + "' has type '" + type + "': must be F32, F64 or I64");
        }
        final List<Integer> shape = new ArrayList<>();
        long elements = 1;
        for (final JsonNode dimension : node.path("shape")) {
            final long size = dimension.asLong(-1);
            final boolean isPossible = elements >= 0 && size >= 0 && elements * size <= Integer.MAX_VALUE;
            elements = isPossible && size <= Integer.MAX_VALUE ? elements * size : -1; // no file holds more
            shape.add((int) size);
        }
        final long from = node.path("data_offsets").path(0).asLong(-1);
        final long to = node.path("data_offsets").path(1).asLong(-1);
        if (elements < 0 || from < 0 || to < from || to - from != elements * width) {
            throw new DataException(path + ": tensor '" + name + "' of shape " + node.path("shape") + " at bytes ["
                    + from + ", " + to + "): sizes do not agree");
        }
        if (to > all.capacity() - begin) {
            throw new DataException(path + ": tensor '" + name + "' ends at byte " + to + ", the file has "
                    + (all.capacity() - begin) + ": truncated, copy it again");
        }
        final ByteBuffer bytes =
                all.slice((int) (begin + from), (int) (to - from)).order(ByteOrder.LITTLE_ENDIAN);
        return new Tensor(type, List.copyOf(shape), bytes);
    }

    /**
     * Writes a file atomically: a reader sees the old one or the whole new one, also after a crash.
     *
     * @throws DataException if the folder cannot be written or the disk is full; the old file is intact then
     */
    public static void write(final Path path, final Map<String, String> metadata, final Map<String, Tensor> tensors) {
        final ObjectNode header = JSON.createObjectNode();
        metadata.forEach(header.putObject("__metadata__")::put);
        long offset = 0;
        for (final Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            final Tensor tensor = entry.getValue();
            final ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", tensor.type());
            tensor.shape().forEach(node.putArray("shape")::add);
            node.putArray("data_offsets")
                    .add(offset)
                    .add(offset + tensor.bytes().capacity());
            offset += tensor.bytes().capacity();
        }
        final Path temporary = path.resolveSibling(path.getFileName() + ".part");
        try {
            final String text = JSON.writeValueAsString(header);
            final int length = text.getBytes(StandardCharsets.UTF_8).length;
            final byte[] padded = (text + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
            try (FileChannel channel = FileChannel.open(
                    temporary,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.TRUNCATE_EXISTING)) {
                final ByteBuffer start =
                        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, padded.length);
                writeFully(channel, start);
                writeFully(channel, ByteBuffer.wrap(padded));
                for (final Tensor tensor : tensors.values()) {
                    writeFully(channel, tensor.bytes().duplicate().rewind());
                }
                channel.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DataException(path + ": cannot be written: " + e.getMessage()
                    + "; free some space or choose another folder with --out");
        }
    }

    private static void writeFully(final FileChannel channel, final ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
