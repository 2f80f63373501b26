namespace Tool;

/// <summary>Readings of a meter, one line <c>t,watts</c> each: seconds since 1970 and watts, in time order. A reading applies until the
/// next.</summary>
internal sealed class PowerFile
{
    private readonly List<(double At, double Watts)> _readings = [];

    /// <summary>Reads a file; an empty last line is ignored.</summary>
    public static PowerFile Read(IEnumerable<string> lines)
    {
        var file = new PowerFile();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (line.Length == 0) { continue; }
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            if (comma < 0 || !TryNumber(line.AsSpan(0, comma), out var at) || !TryNumber(line.AsSpan(comma + 1), out var watts)
                || watts < 0)
            {
                throw new FormatException($"power file, line {number}: expected seconds and watts, got '{line}'");
            }

            if (file._readings is [.., var last] && at <= last.At)
            {
                throw new FormatException($"power file, line {number}: expected a time after the one before, got '{line}'");
            }

            file._readings.Add((at, watts));
        }

        return file;
    }

    public EnergyReading? Between(DateTimeOffset from, DateTimeOffset to)
    {
        var (first, last) = (SecondsOf(from), SecondsOf(to));
        if (_readings.Count == 0 || _readings[0].At > first || _readings[^1].At < first) { return null; }
        var joules = 0.0;
        for (var i = 0; i < _readings.Count; i++)
        {
            var end = i + 1 < _readings.Count ? Math.Min(_readings[i + 1].At, last) : last;
            joules += _readings[i].Watts * Math.Max(0, end - Math.Max(_readings[i].At, first));
        }

        return new(joules, EnergyReading.PowerFile);
    }

    private static double SecondsOf(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).TotalSeconds;

    private static bool TryNumber(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
