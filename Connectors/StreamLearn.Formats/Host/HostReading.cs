using System.Globalization;

namespace StreamLearn.Formats;

internal sealed class HostReading(HostTelemetryOptions options, OperatorContext context)
{
    private const int SectorBytes = 512;        // /proc/diskstats always counts 512-byte sectors

    private readonly HostText _text = new();
    private readonly string _proc = Path.Join(options.Root, "proc");
    private readonly string _zones = Path.Join(options.Root, "sys/class/thermal");
    private CoreTicks[] _cores = new CoreTicks[options.Cores + 1];      // index 0: the sum of all cores
    private CoreTicks[] _coresBefore = new CoreTicks[options.Cores + 1];
    private HostCounters _network = HostCounters.None;
    private HostCounters _disks = HostCounters.None;
    private DateTimeOffset _before;

    internal void Begin()
    {
        _before = context.Now;
        ReadCores();
        _network = Network();
        _disks = Disks();
    }

    internal void Write(RowStage stage)
    {
        var (row, column, seconds) = (stage.Rows, 0, (context.Now - _before).TotalSeconds);
        void Add(double value) => stage.At<float>(column++, row) = (float)value;
        stage.At<long>(column++, row) = (context.Now - DateTimeOffset.UnixEpoch).Ticks * 100;
        (_cores, _coresBefore) = (_coresBefore, _cores);
        ReadCores();
        var restarted = false;
        for (var core = 0; core < _cores.Length; core++) { Add(_cores[core].ShareSince(_coresBefore[core], ref restarted)); }
        Add(Load());
        var (total, available) = Memory();
        Add(total - available);
        Add((total - available) / total);
        var (network, disks) = (Network(), Disks());
        var (received, sent) = network.Since(_network, ref restarted);
        var (read, written) = disks.Since(_disks, ref restarted);
        Add(received / seconds);
        Add(sent / seconds);
        Add(read * SectorBytes / seconds);
        Add(written * SectorBytes / seconds);
        Add(Temperature());
        if (restarted) { context.Record("counters-restarted"); }
        (_network, _disks, _before) = (network, disks, context.Now);
        stage.Rows++;
    }

    private void ReadCores()
    {
        Array.Clear(_cores);
        if (!_text.TryRead(Path.Join(_proc, "stat"))) { Miss("stat"); }
        foreach (var line in _text.Lines)
        {
            var words = new HostWords(_text.Bytes[line]);
            var name = words.Next();
            if (!name.StartsWith("cpu"u8)) { continue; }
            var core = name.Length == 3 ? 0
                : int.TryParse(name[3..], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n + 1 : -1;
            if (core >= 0 && core < _cores.Length) { _cores[core] = CoreTicks.Read(ref words); }
        }

        if (_text.Bytes.Length > 0 && !_cores[0].IsKnown) { Miss("stat"); }
    }

    private double Load()
    {
        _text.TryRead(Path.Join(_proc, "loadavg"));
        if (new HostWords(_text.Bytes).TryNumber(out var load)) { return load; }
        Miss("loadavg");
        return double.NaN;
    }

    /// <summary>In bytes; NaN: unknown.</summary>
    private (double Total, double Available) Memory()
    {
        var (total, available) = (double.NaN, double.NaN);
        _text.TryRead(Path.Join(_proc, "meminfo"));
        foreach (var line in _text.Lines)
        {
            var words = new HostWords(_text.Bytes[line]);
            var name = words.Next();
            if (name.SequenceEqual("MemTotal:"u8) && words.TryCount(out var kilobytes)) { total = kilobytes * 1024.0; }
            else if (name.SequenceEqual("MemAvailable:"u8) && words.TryCount(out kilobytes)) { available = kilobytes * 1024.0; }
        }

        if (total > 0 && available <= total) { return (total, available); }
        Miss("meminfo");
        return (double.NaN, double.NaN);
    }

    private HostCounters Network()
    {
        var counters = new HostCounters();
        var isRead = _text.TryRead(Path.Join(_proc, "net/dev"));
        foreach (var line in _text.Lines.Skip(2))
        {
            var bytes = _text.Bytes[line];
            var colon = bytes.LastIndexOf((byte)':');
            var words = new HostWords(bytes[(colon + 1)..]);
            if (colon < 0 || !words.TryCount(out var received) || !words.TrySkip(7) || !words.TryCount(out var sent)) { isRead = false; }
            else if (!bytes[..colon].Trim((byte)' ').SequenceEqual("lo"u8)) { counters.Add(bytes[..colon], received, sent); }
        }

        return isRead ? counters : Missed("net");
    }

    /// <summary>Returns sectors of whole disks, because partitions and volumes would count twice.</summary>
    private HostCounters Disks()
    {
        var counters = new HostCounters();
        var isRead = _text.TryRead(Path.Join(_proc, "diskstats"));
        foreach (var line in _text.Lines)
        {
            var words = new HostWords(_text.Bytes[line]);
            words.TrySkip(2);
            var name = words.Next();
            if (name.IsEmpty || !words.TrySkip(2) || !words.TryCount(out var read) || !words.TrySkip(3) || !words.TryCount(out var written))
            {
                isRead = false;
            }
            else if (!IsMade(name)) { counters.Add(name, read, written); }
        }

        counters.RemoveParts();
        return isRead ? counters : Missed("diskstats");
    }

    private static bool IsMade(ReadOnlySpan<byte> disk) => disk.StartsWith("loop"u8) || disk.StartsWith("ram"u8)
        || disk.StartsWith("zram"u8) || disk.StartsWith("dm-"u8) || disk.StartsWith("md"u8);

    private double Temperature()
    {
        var hottest = double.NaN;
        string[] zones;
        try
        {
            zones = Directory.GetDirectories(_zones, "thermal_zone*");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return hottest;     // NaN if there are no thermal zones
        }

        foreach (var zone in zones)
        {
            _text.TryRead(Path.Join(zone, "temp"));
            if (!new HostWords(_text.Bytes).TryNumber(out var thousandths)) { Miss("temperature"); }
            else if (!(thousandths / 1000 <= hottest)) { hottest = thousandths / 1000; }
        }

        return hottest;
    }

    private HostCounters Missed(string file)
    {
        Miss(file);
        return HostCounters.None;
    }

    private void Miss(string file) => context.Record($"unreadable-{file}");
}
