namespace Tool;

/// <summary>Reads a processor's energy counter (RAPL) from Linux files.</summary>
/// <remarks>The counter includes all programs. Reading the file often requires administrator rights.</remarks>
internal sealed class RaplCounter
{
    public const string FirstProcessor = "/sys/class/powercap/intel-rapl:0";

    private readonly string _file;
    private readonly long _range;       // where the counter wraps around, in microjoules
    private long _last;
    private double _joules;

    private RaplCounter(string file, long range, long last) => (_file, _range, _last) = (file, range, last);

    /// <summary>Opens the counter of a folder; null if it is missing or unreadable.</summary>
    public static RaplCounter? TryOpen(string folder = FirstProcessor)
    {
        var file = Path.Combine(folder, "energy_uj");
        return Read(file) is { } first && Read(Path.Combine(folder, "max_energy_range_uj")) is > 0 and var range
            ? new(file, range, first)
            : null;
    }

    /// <summary>Returns the energy since opening, or the last value if the counter is unreadable. Read it every few minutes, since the
    /// counter wraps around under full load.</summary>
    public EnergyReading Read()
    {
        if (Read(_file) is { } now)
        {
            _joules += (now >= _last ? now - _last : now + _range - _last) * 1e-6;
            _last = now;
        }

        return new(_joules, EnergyReading.Rapl);
    }

    private static long? Read(string file)
    {
        try
        {
            return long.TryParse(File.ReadAllText(file), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var value)
                ? value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
