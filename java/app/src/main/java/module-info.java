/** The command line: data readers, experiments, reports. */
module borep.app {
    requires borep.core;
    requires borep.cuda; // offers its devices
    requires com.fasterxml.jackson.databind;
    requires de.siegmar.fastcsv;
    requires info.picocli;
    requires java.desktop; // pictures in reports
    requires jdk.incubator.vector; // for the measured peak
    requires me.tongfei.progressbar;
    requires static java.xml; // for the tests, which parse every page

    exports borep.data;

    opens borep.cli to
            info.picocli;
    opens borep.data to
            com.fasterxml.jackson.databind;
    opens borep.experiment to
            borep.core; // reads and rebuilds the settings records
}
