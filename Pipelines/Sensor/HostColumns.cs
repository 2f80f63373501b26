namespace Sensor;

internal static class HostColumns
{
    private static readonly (string Name, string Unit)[] All =
    [
        ("cpu", "1"), ("load1", "1"), ("memory_used", "B"), ("memory_share", "1"), ("network_received", "B/s"), ("network_sent", "B/s"),
        ("disk_read", "B/s"), ("disk_written", "B/s"), ("temperature", "Cel"),
    ];

    internal static void Check(ConfigEntry entry, ColumnsConfig columns)
    {
        if (columns.Time is not null) { entry.Refuse("expected no time: the machine's readings have one"); }
        if (columns.LabelInData is { } label)
        {
            entry.Refuse($"expected '{label.Name}' to be computed from a channel, next: {{ mean_of: cpu, levels: [0.5] }}: the machine "
                + $"has no label");
        }

        foreach (var channel in columns.Channels)
        {
            var known = Array.Find(All, a => a.Name == channel.Name);
            if (known.Name is null)
            {
                entry.Refuse($"expected columns of the machine, {string.Join(", ", All.Select(static a => a.Name))}, got '{channel.Name}'");
            }
            else if (channel.Unit.Symbol != known.Unit)
            {
                entry.Refuse($"expected the unit {known.Unit} of '{channel.Name}', got {channel.Unit}");
            }
        }
    }
}
