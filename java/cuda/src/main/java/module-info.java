/** The CUDA device: bindings of the native library and a {@link borep.device.DeviceProvider}. */
module borep.cuda {
    requires borep.core;
    requires static jcuda; // only for whoever uses JCudaInterop
    requires static org.lwjgl; // only for whoever compiles kernels with Nvrtc
    requires static org.lwjgl.cuda;

    exports borep.cuda;

    provides borep.device.DeviceProvider with
            borep.cuda.CudaProvider;
}
