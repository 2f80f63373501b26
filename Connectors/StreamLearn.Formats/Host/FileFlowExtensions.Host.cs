namespace StreamLearn.Formats;

/// <content>The machine as a sensor.</content>
public static partial class FileFlowExtensions
{
    /// <summary>Reads how busy the machine is: processor, memory, network, disks and temperature, from /proc and /sys of Linux.</summary>
    /// <remarks>
    /// Shape: <c>Rows</c> readings of <c>time</c>, <c>cpu</c>, <c>cpu_0</c>..., <c>load1</c>, <c>memory_used</c>, <c>memory_share</c>,
    /// <c>network_received</c>, <c>network_sent</c>, <c>disk_read</c>, <c>disk_written</c> and <c>temperature</c>, float32. Units: shares
    /// of 1; bytes, and bytes a second since the reading before, of all interfaces but <c>lo</c> and of all disks, each once; degrees
    /// Celsius of the hottest thermal zone. NaN: what the machine does not have or say, and a rate whose counter was restarted. State:
    /// the counters of the last reading. Cost: some file reads for a reading. Emits: a batch when it is full, at any pace in real time; the
    /// first reading is one <c>Interval</c> after the start, and those that nobody had space for are left out. It stays open until the run
    /// is drained. Counts: <c>unreadable-stat</c>, <c>-loadavg</c>, <c>-meminfo</c>, <c>-net</c>, <c>-diskstats</c>,
    /// <c>-temperature</c> (a file is missing or malformed), <c>counters-restarted</c>, <c>readings-missed</c>. It is live
    /// (<see cref="IBlockOptions.IsLive"/>): a run with it cannot be replayed, nor run in the virtual world. After a restart it begins
    /// anew.
    /// Source: proc(5); Linux, Documentation/admin-guide/iostats and Documentation/ABI/testing/sysfs-class-thermal.
    /// </remarks>
    /// <param name="builder">The pipeline.</param>
    /// <param name="options">Interval and columns; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static Flow<Batch> FromHost(this PipelineBuilder builder, HostTelemetryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options = (options ?? new()).Checked(OperatingSystem.IsLinux());
        var schema = options.Schema;
        return builder.From("host", new HostBlock(options),
            (HostBlock block, OperatorContext context) => new HostSource(block.Options, schema, context), schema, options.Rows);
    }
}
