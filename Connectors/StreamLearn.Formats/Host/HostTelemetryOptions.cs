using System.Runtime.InteropServices;

namespace StreamLearn.Formats;

internal sealed record HostTelemetryOptions
{
    private const int MaxCores = 1024;

    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    public int Rows { get; init; } = 1;

    public int Cores { get; init; }

    public string Root { get; init; } = "/";

    internal Schema Schema => new(
    [
        Field.Time(),
        Field.Channel("cpu", Unit.One),
        .. Enumerable.Range(0, Cores).Select(core => Field.Channel($"cpu_{core}", Unit.One)),
        Field.Channel("load1", Unit.One),
        Field.Channel("memory_used", new("B")),
        Field.Channel("memory_share", Unit.One),
        Field.Channel("network_received", new("B/s")),
        Field.Channel("network_sent", new("B/s")),
        Field.Channel("disk_read", new("B/s")),
        Field.Channel("disk_written", new("B/s")),
        Field.Channel("temperature", new("Cel")),
    ]);

    internal HostTelemetryOptions Checked(bool isLinux)
    {
        if (!isLinux)
        {
            throw new PlatformNotSupportedException(
                $"host telemetry reads /proc: expected Linux, got {RuntimeInformation.OSDescription}");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, TimeSpan.FromMilliseconds(10));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Interval, TimeSpan.FromDays(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Rows, 65536);
        ArgumentOutOfRangeException.ThrowIfNegative(Cores);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Cores, MaxCores);
        ArgumentException.ThrowIfNullOrEmpty(Root);
        return this;
    }
}

internal sealed record HostBlock(HostTelemetryOptions Options) : IBlockOptions
{
    public bool IsLive => true;

    public override string ToString() => FormattableString.Invariant(
        $"every {Options.Interval}, {Options.Rows} rows, {Options.Cores} cores, {Options.Root}");
}
