/** The command line: data readers, experiments, reports. */
module borep.app {
    requires borep.core;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;

    opens borep.cli to
            info.picocli;
}
