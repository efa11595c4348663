/** Devices, kernels, models, problems and solvers of gradient-based bilevel optimisation; models know no problem, problems no solver. */
module borep.core {
    requires jdk.incubator.vector;
    requires static jdk.management; // for the tests, which count allocated bytes

    exports borep.device;
    exports borep.kernel;
    exports borep.kernel.reference;
    exports borep.kernel.vector;
    exports borep.model;
    exports borep.problem;
    exports borep.solver;

    uses borep.device.DeviceProvider;
}
