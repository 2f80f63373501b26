using System.Collections.Immutable;
using System.Globalization;

namespace Partition;

/// <summary>What a link carries over time: a line <c>t,bit/s</c> for each change.</summary>
internal sealed record RateTrace(ImmutableArray<(double Seconds, double BitsPerSecond)> Changes)
{
    /// <summary>A rate that never changes.</summary>
    internal static RateTrace Constant(double bitsPerSecond) => new([(0, bitsPerSecond)]);

    /// <summary>The rate at a time: that of the last change; before the first one that of the first.</summary>
    internal double At(double seconds)
    {
        var rate = Changes[0].BitsPerSecond;
        foreach (var change in Changes)
        {
            if (change.Seconds > seconds) { break; }
            rate = change.BitsPerSecond;
        }

        return rate;
    }

    /// <summary>Reads a trace from a file.</summary>
    /// <exception cref="FormatException">A line is not as expected; the message says which.</exception>
    internal static RateTrace Read(string path)
    {
        var (changes, number) = (ImmutableArray.CreateBuilder<(double Seconds, double BitsPerSecond)>(), 0);
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#')) { continue; }
            var parts = line.Split(',');
            if (parts.Length != 2 || !IsNumber(parts[0], out var seconds) || !IsNumber(parts[1], out var rate) || rate == 0)
            {
                throw new FormatException($"{path}, line {number}: expected seconds,bits a second, got '{line}'");
            }

            if (changes.Count > 0 && seconds <= changes[^1].Seconds)
            {
                throw new FormatException($"{path}, line {number}: expected a time after {changes[^1].Seconds}, got '{line}'");
            }

            changes.Add((seconds, rate));
        }

        return changes.Count > 0 ? new(changes.ToImmutable()) : throw new FormatException($"{path}: expected a line at least, got none");
    }

    private static bool IsNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value) && value >= 0;
}
