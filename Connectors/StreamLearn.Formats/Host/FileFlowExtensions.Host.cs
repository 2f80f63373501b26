namespace StreamLearn.Formats;

/// <content>The machine as a source of sensor rows.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Reads the machine's processor, memory, network, disk and temperature readings from /proc and /sys of Linux.</summary>
    /// <remarks> Shape: <c>rows</c> readings of <c>time</c>, <c>cpu</c>, <c>cpu_0</c>..., <c>load1</c>, <c>memory_used</c>,
    /// <c>memory_share</c>, <c>network_received</c>, <c>network_sent</c>, <c>disk_read</c>, <c>disk_written</c> and <c>temperature</c>,
    /// float32. Units: shares of 1; bytes, and bytes per second since the previous reading, of all interfaces but <c>lo</c> and of all
    /// disks, each once; degrees Celsius of the hottest thermal zone. NaN: unavailable values, and rates after a counter restart. State:
    /// the last counters. Cost: some file reads per reading. Emits: a batch when full, always in real time; the first reading comes one
    /// <c>interval</c> after the start; readings without buffer space are dropped. Open until the run is drained. Counts:
    /// <c>unreadable-stat</c>, <c>-loadavg</c>, <c>-meminfo</c>, <c>-net</c>, <c>-diskstats</c>, <c>-temperature</c> (a file is missing or
    /// malformed), <c>counters-restarted</c>, <c>readings-missed</c>. Live (<see cref="IBlockOptions.IsLive"/>): no replay, no virtual
    /// world. Restarts from scratch. Source: proc(5); Linux, Documentation/admin-guide/iostats and
    /// Documentation/ABI/testing/sysfs-class-thermal. </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="interval">The time between readings, 10 ms to 1 day; null: 1 s.</param>
    /// <param name="rows">Readings per batch, 1 to 65,536. A partial batch is lost when the run is drained.</param>
    /// <param name="cores">The number of per-core columns, <c>cpu_0</c> and so on, 0 to 1,024. Absent or offline cores are NaN.</param>
    /// <param name="root">The folder with <c>proc</c> and <c>sys</c>. In a container, where the host's are mounted.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">The system is not Linux.</exception>
    public static Flow<Batch> FromHost(
        this PipelineBuilder builder, TimeSpan? interval = null, int rows = 1, int cores = 0, string root = "/")
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new HostTelemetryOptions { Interval = interval ?? TimeSpan.FromSeconds(1), Rows = rows, Cores = cores, Root = root }
            .Checked(OperatingSystem.IsLinux());
        var schema = options.Schema;
        return builder.From("host", new HostBlock(options),
            (HostBlock block, OperatorContext context) => new HostSource(block.Options, schema, context), schema, options.Rows);
    }
}
