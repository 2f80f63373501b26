using System.Globalization;

namespace StreamLearn.Models;

/// <summary>The energy that a processor has used, as it counts itself (RAPL) and Linux tells in files.</summary>
/// <remarks>It is that of all programs. The file is often for the administrator alone.</remarks>
public sealed class RaplCounter
{
    /// <summary>The folder of the first processor.</summary>
    public const string FirstProcessor = "/sys/class/powercap/intel-rapl:0";

    private readonly string _file;
    private readonly long _range;       // where the counter begins anew, in microjoules
    private long _last;
    private double _joules;

    private RaplCounter(string file, long range, long last) => (_file, _range, _last) = (file, range, last);

    /// <summary>Opens the counter of a folder; null where there is none, or none that may be read.</summary>
    /// <param name="folder">The folder, with the files <c>energy_uj</c> and <c>max_energy_range_uj</c>.</param>
    public static RaplCounter? TryOpen(string folder = FirstProcessor)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var file = Path.Combine(folder, "energy_uj");
        return Read(file) is { } first && Read(Path.Combine(folder, "max_energy_range_uj")) is > 0 and var range
            ? new(file, range, first)
            : null;
    }

    /// <summary>The energy since it was opened; where the file can no longer be read, that of the last time. The counter begins anew after
    /// some minutes of full load: it is to be asked more often than that.</summary>
    public EnergyReading Read()
    {
        if (Read(_file) is { } now)
        {
            _joules += (now >= _last ? now - _last : now + _range - _last) * 1e-6;
            _last = now;
        }

        return new(_joules, EnergySource.Rapl);
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
