namespace StreamLearn.Formats.Tests;

/// <summary>A machine made of files: two cores, an interface, a disk with a partition, a thermal zone.</summary>
internal sealed class HostFolder : IDisposable
{
    internal const string Stat = "cpu  100 0 50 800 50 0 0 0 0 0\ncpu0 60 0 30 400 10 0 0 0 0 0\ncpu1 40 0 20 400 40 0 0 0 0 0\nintr 1 2\n";
    internal const string Memory = "MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\n";
    private const string NetHead = "Inter-|   Receive |  Transmit\n face |bytes packets|bytes packets\n";
    private readonly FileFolder _folder = new();

    internal HostFolder()
    {
        Write("stat", Stat);
        Write("loadavg", "0.75 1.00 2.00 1/100 123\n");
        Write("meminfo", Memory);
        Net("    lo:", 5, 5, "  eth0:", 1000, 2000);
        Disk(100, 200);
        Zone(0, "41500\n");
    }

    internal string Root => _folder.Of("");
    public void Dispose() => _folder.Dispose();
    internal void Write(string file, string text) => _folder.Write($"proc/{file}", text);
    internal void Delete(string file) => File.Delete(_folder.Of($"proc/{file}"));

    internal void Net(params object[] devices) => Write("net/dev", NetHead + string.Concat(
        devices.Chunk(3).Select(d => $"{d[0]} {d[1]} 9 0 0 0 0 0 0 {d[2]} 9 0 0 0 0 0 0\n")));

    /// <summary>Sectors of the disk, of which a partition and volumes have the same.</summary>
    internal void Disk(ulong read, ulong written) => Write("diskstats", string.Concat(
        new[] { "sda", "sda1", "dm-0", "loop0", "nvme0n1", "nvme0n1p2" }
            .Select(name => $"   8       0 {name} 5 0 {read} 9 5 0 {written} 9 0 9 9 0 0 0 0\n")));

    internal void Zone(int zone, string text) => _folder.Write($"sys/class/thermal/thermal_zone{zone}/temp", text);
}
