package borep.kernel.vector;

import borep.device.Device;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops that a machine may end up with, side by side in one JVM. The species of the vectors is a constant
 * of the classes that use it, so every width gets these classes afresh from a loader of its own.
 */
enum Twin {
    VECTOR_512(512),
    VECTOR_256(256),
    VECTOR_128(128),
    SCALAR(0);

    private final int bits;
    private final ClassLoader loader;

    Twin(final int bits) {
        this.bits = bits;
        loader = new Fresh("");
    }

    /** The widest vectors that this machine has registers for: wider ones work, but every vector is an object. */
    static Twin widest() {
        final int bits = FloatVector.SPECIES_PREFERRED.vectorBitSize();
        return Arrays.stream(values())
                .filter(twin -> twin.bits > 0 && twin.bits <= bits)
                .findFirst()
                .orElse(SCALAR);
    }

    /** The next narrower vectors. */
    static Twin narrower() {
        return values()[Math.min(widest().ordinal() + 1, SCALAR.ordinal())];
    }

    /** A device with these loops. */
    Device open(final int threads) {
        return bits == 0 ? VectorDevice.withScalars(threads) : withVectors(loader, bits, threads);
    }

    /** A device of classes that find no Vector API. */
    static Device withoutVectorApi() {
        return withVectors(new Fresh("jdk.incubator.vector."), 0, 1);
    }

    private static Device withVectors(final ClassLoader loader, final int bits, final int threads) {
        try {
            System.setProperty("borep.vector.bits", Integer.toString(bits));
            return (Device) loader.loadClass(VectorDevice.class.getName())
                    .getMethod("withVectors", int.class)
                    .invoke(null, threads);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        } finally {
            System.clearProperty("borep.vector.bits");
        }
    }

    /** Defines the classes of this package itself; hides those whose names begin with {@code hidden}. */
    private static final class Fresh extends ClassLoader {
        private final String hidden;

        Fresh(final String hidden) {
            super(VectorDevice.class.getClassLoader());
            this.hidden = hidden;
        }

        @Override
        protected Class<?> loadClass(final String name, final boolean resolve) throws ClassNotFoundException {
            if (!hidden.isEmpty() && name.startsWith(hidden)) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("borep.kernel.vector.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                final Class<?> loaded = findLoadedClass(name);
                return loaded != null ? loaded : define(name);
            }
        }

        private Class<?> define(final String name) throws ClassNotFoundException {
            try (InputStream in =
                    VectorDevice.class.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                final byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
