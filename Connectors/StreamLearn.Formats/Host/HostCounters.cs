namespace StreamLearn.Formats;

internal readonly record struct CoreTicks(ulong Busy, ulong Idle, bool IsKnown)
{
    /// <summary>Reads user, nice, system, idle, iowait, irq, softirq, steal. User includes guests.</summary>
    internal static CoreTicks Read(ref HostWords words)
    {
        var (busy, idle, i) = (0UL, 0UL, 0);
        for (; i < 8 && words.TryCount(out var ticks); i++)
        {
            if (i is 3 or 4) { idle += ticks; }
            else { busy += ticks; }
        }

        return i >= 4 ? new(busy, idle, true) : default;
    }

    /// <summary>Returns the busy share of time; NaN: unknown.</summary>
    internal double ShareSince(in CoreTicks before, ref bool restarted)
    {
        if (!IsKnown || !before.IsKnown) { return double.NaN; }
        if (Busy < before.Busy || Idle < before.Idle)
        {
            restarted = true;
            return double.NaN;
        }

        var (busy, idle) = (Busy - before.Busy, Idle - before.Idle);
        return (double)busy / (busy + idle);    // NaN if no tick has passed
    }
}

internal sealed class HostCounters
{
    private readonly Dictionary<string, (ulong In, ulong Out)> _devices = new(StringComparer.Ordinal);

    internal static HostCounters None { get; } = new();

    internal void Add(ReadOnlySpan<byte> name, ulong into, ulong from) => _devices[Encoding.UTF8.GetString(name).Trim()] = (into, from);

    /// <summary>Removes partitions, which are named by a disk and a number: <c>sda1</c>, <c>nvme0n1p1</c>.</summary>
    internal void RemoveParts()
    {
        foreach (var name in _devices.Keys.Where(IsPart).ToList()) { _devices.Remove(name); }
    }

    /// <summary>Returns the increase of the counters; new devices count from the next reading on.</summary>
    internal (double In, double Out) Since(HostCounters before, ref bool restarted)
    {
        if (ReferenceEquals(this, None) || ReferenceEquals(before, None)) { return (double.NaN, double.NaN); }
        var (sumIn, sumOut) = (0.0, 0.0);
        foreach (var (name, now) in _devices)
        {
            if (!before._devices.TryGetValue(name, out var last)) { continue; }
            if (now.In < last.In || now.Out < last.Out)
            {
                restarted = true;
                return (double.NaN, double.NaN);
            }

            (sumIn, sumOut) = (sumIn + (now.In - last.In), sumOut + (now.Out - last.Out));
        }

        return (sumIn, sumOut);
    }

    private bool IsPart(string name)
    {
        var disk = name.TrimEnd("0123456789".ToCharArray());
        if (disk.Length == name.Length) { return false; }
        return _devices.ContainsKey(disk) || (disk is [.., >= '0' and <= '9', 'p'] && _devices.ContainsKey(disk[..^1]));
    }
}
