using HeartSound.Edge.Hosting.Heat;

namespace HeartSound.Edge.Tests.Hosting.Heat;

/// <summary>A fabricated root of a file system with the heat and power files of a board.</summary>
internal sealed class BoardFolder : IDisposable
{
    private int _zones, _coolers;

    public string Path { get; } = Directory.CreateTempSubdirectory("heartsound-board-").FullName;

    public HeatSensors Sensors => new(Path);

    /// <summary>JetPack 4 on a Jetson Nano in its mode of 5 W.</summary>
    public static BoardFolder Nano()
    {
        var board = new BoardFolder();
        foreach (var (name, temp) in new[] { ("AO-therm", "45500"), ("CPU-therm", "38000"), ("GPU-therm", "37500"), ("PLL-therm", "36000"), ("PMIC-Die", "100000"), ("thermal-fan-est", "37750") }) board.Zone(name, temp);
        foreach (var cooler in new[] { "gpu-balanced", "cpu-balanced", "tegra-fan" }) board.Cooler(cooler, 0);
        board.Write("etc/nvpmodel.conf", "# comment\n< PARAM TYPE=FILE NAME=CPU_ONLINE >\n< POWER_MODEL ID=0 NAME=MAXN >\nCPU_ONLINE CORE_0 1\n< POWER_MODEL ID=1 NAME=5W >\n< PM_CONFIG DEFAULT=0 >\n");
        board.Write("var/lib/nvpmodel/status", "pmode:0001\n");
        return board;
    }

    /// <summary>JetPack 5 on a Xavier NX whose graphics are switched off, in its default mode.</summary>
    public static BoardFolder XavierNx()
    {
        var board = new BoardFolder();
        foreach (var (name, temp) in new[] { ("CPU-therm", "41500"), ("GPU-therm", "-256000"), ("AUX-therm", "41000"), ("AO-therm", "42000"), ("PMIC-Die", "100000") }) board.Zone(name, temp);
        board.Write("etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=MODE_15W_2CORE >\n< POWER_MODEL ID=2 NAME=MODE_15W_6CORE >\n< PM_CONFIG DEFAULT=2 >\n");
        return board;
    }

    /// <summary>JetPack 6 on an Orin Nano with a zone that cannot be read.</summary>
    public static BoardFolder OrinNano()
    {
        var board = new BoardFolder();
        foreach (var (name, temp) in new[] { ("cpu-thermal", "48312"), ("gpu-thermal", "47000"), ("soc0-thermal", "46500"), ("tj-thermal", "48500") }) board.Zone(name, temp);
        board.UnreadableZone("cv0-thermal");
        foreach (var cooler in new[] { "cpu-throttle-alert", "gpu-throttle-alert", "hot-surface-alert", "pwm-fan" }) board.Cooler(cooler, 0);
        board.Write("etc/nvpmodel.conf", "< POWER_MODEL ID=0 NAME=15W >\n< POWER_MODEL ID=2 NAME=MAXN_SUPER >\n< PM_CONFIG DEFAULT=0 >\n");
        board.Write("var/lib/nvpmodel/status", "pmode:0002\n");
        board.Write("sys/class/hwmon/hwmon1/name", "ina3221\n");
        board.PowerEvents(0, 15, 37);
        return board;
    }

    public string Zone(string name, string temp)
    {
        var folder = $"sys/class/thermal/thermal_zone{_zones++}";
        Write($"{folder}/type", name + "\n");
        Write($"{folder}/temp", temp + "\n");
        return folder;
    }

    /// <summary>Reading /proc/self/mem from its beginning fails with EIO, for root too, as a zone that is switched off fails with EAGAIN.</summary>
    public void UnreadableZone(string name)
    {
        var folder = Zone(name, "0");
        File.Delete($"{Path}/{folder}/temp");
        File.CreateSymbolicLink($"{Path}/{folder}/temp", "/proc/self/mem");
    }

    public void Cooler(string name, int state)
    {
        var folder = $"sys/class/thermal/cooling_device{_coolers++}";
        Write($"{folder}/type", name + "\n");
        Write($"{folder}/cur_state", $"{state}\n");
    }

    public void PowerEvents(int underVoltage, int average, int instantaneous)
    {
        Write("sys/class/hwmon/hwmon3/name", "soctherm_oc\n");
        Write("sys/class/hwmon/hwmon3/oc1_event_cnt", $"{underVoltage}\n");
        Write("sys/class/hwmon/hwmon3/oc2_event_cnt", $"{average}\n");
        Write("sys/class/hwmon/hwmon3/oc3_event_cnt", $"{instantaneous}\n");
    }

    public void Write(string file, string text)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    public void RemoveThermal() => Directory.Delete(System.IO.Path.Combine(Path, "sys/class/thermal"), recursive: true);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
