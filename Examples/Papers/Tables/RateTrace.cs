using StreamLearn.Simulation;

namespace Partition;

/// <summary>What a link carries over time, one way.</summary>
internal sealed record RateTrace(LinkProfile Link)
{
    /// <summary>A rate that never changes.</summary>
    internal static RateTrace Constant(double bitsPerSecond) => new(new LinkProfile { UpBitsPerSecond = bitsPerSecond });

    /// <summary>The rate at a time: that of the last change; before the first one that of the first.</summary>
    internal double At(double seconds)
    {
        var share = 1.0;
        foreach (var change in Link.RateTrace)
        {
            if (change.At.TotalSeconds > seconds) { break; }
            share = change.Speed;
        }

        return share * Link.UpBitsPerSecond;
    }

    /// <summary>Reads a trace from a file of lines <c>t,bit/s</c>.</summary>
    /// <exception cref="LinkTraceException">It cannot be read, is no trace, or carries nothing at a time.</exception>
    internal static RateTrace Read(string path) => LinkTrace.Read(path) is { Outages.IsEmpty: true } link
        ? new(link)
        : throw new LinkTraceException($"{path}: expected rates above 0, got 0");

    /// <summary>Reads the trace that a setting names.</summary>
    /// <exception cref="FormatException">It cannot be read, is no trace, or carries nothing at a time; the message names the
    /// setting.</exception>
    internal static RateTrace OfSetting(string name, string path)
    {
        try
        {
            return Read(path);
        }
        catch (Exception e) when (e is LinkTraceException or ArgumentException)
        {
            throw new FormatException($"--set {name}: {e.Message}", e);
        }
    }
}
