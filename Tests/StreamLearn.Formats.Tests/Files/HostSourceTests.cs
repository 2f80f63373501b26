namespace StreamLearn.Formats.Tests;

/// <summary>The machine as a sensor, of files made up and of the real ones.</summary>
public sealed class HostSourceTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly HostFolder _host = new();
    public void Dispose() => _host.Dispose();

    [Fact]
    public void A_reading_has_shares_rates_and_the_hottest_zone()
    {
        _host.Zone(1, "52250\n");
        using var probe = Probe(cores: 3);
        var start = probe.Now;
        _host.Write("stat", "cpu  130 10 60 860 60 0 0 0 77 0\ncpu0 80 0 40 430 20 0 0 0\ncpu1 50 10 20 430 40 0 0 0\n");
        _host.Net("    lo:", 500, 500, "  eth0:", 1500, 2100);
        _host.Disk(108, 204);

        using var batch = probe.Next();

        Assert.Equal(start + Second, probe.Now);
        Assert.Equal((probe.Now - DateTimeOffset.UnixEpoch).Ticks * 100, batch["time"].Values<long>()[0]);
        Assert.Equal(50f / 120, Value(batch, "cpu"));
        Assert.Equal(30f / 70, Value(batch, "cpu_0"));
        Assert.Equal(20f / 50, Value(batch, "cpu_1"));
        Assert.Equal(float.NaN, Value(batch, "cpu_2"));
        Assert.Equal(0.75f, Value(batch, "load1"));
        Assert.Equal((750 * 1024f, 0.75f), (Value(batch, "memory_used"), Value(batch, "memory_share")));
        Assert.Equal((500f, 100f), (Value(batch, "network_received"), Value(batch, "network_sent")));
        Assert.Equal((2 * 8 * 512f, 2 * 4 * 512f), (Value(batch, "disk_read"), Value(batch, "disk_written")));
        Assert.Equal(52.25f, Value(batch, "temperature"));
        Assert.Empty(probe.Metrics.Counters);
    }

    [Fact]
    public void Rates_are_those_of_the_time_that_has_really_passed_and_missed_readings_are_counted()
    {
        using var probe = Probe();
        var start = probe.Now;
        _host.Net("eth0:", 1000 + 7000, 2000);
        using var batch = probe.Next(late: TimeSpan.FromSeconds(2.5));
        Assert.Equal(2000f, Value(batch, "network_received"));
        Assert.Equal(2, probe.Metrics.Counters["readings-missed"]);
        Assert.Equal(start + TimeSpan.FromSeconds(4), probe.NextAt);
    }

    [Fact]
    public void A_batch_has_the_rows_that_were_asked_for()
    {
        using var probe = Probe(rows: 3);
        for (var i = 1; i <= 3; i++)
        {
            _host.Net("eth0:", 1000 + (100 * i * i), 2000);
            Assert.Equal(probe.Now + Second, probe.NextAt);
            probe.Advance(Second);
            _ = probe.NextAt;
        }
        Assert.Equal(probe.Now, probe.NextAt);
        using var batch = probe.Next();

        Assert.Equal([100f, 300f, 500f], batch["network_received"].Values<float>().ToArray());
        Assert.Equal(probe.Now + Second, probe.NextAt);
    }

    [Fact]
    public void What_is_missing_is_nan_and_counted()
    {
        foreach (var file in new[] { "stat", "loadavg", "meminfo", "net/dev", "diskstats" }) { _host.Delete(file); }
        _host.Zone(0, "hot\n");
        using var probe = Probe(cores: 1);

        using var batch = probe.Next();

        Assert.All(probe.Pipeline.Nodes[0].Schema!.Fields.Skip(1), f => Assert.Equal(float.NaN, Value(batch, f.Name)));
        Assert.Equal(
            [
                ("unreadable-diskstats", 2), ("unreadable-loadavg", 1), ("unreadable-meminfo", 1), ("unreadable-net", 2),
                ("unreadable-stat", 2), ("unreadable-temperature", 1),
            ],
            probe.Metrics.Counters.Select(c => (c.Key, (int)c.Value)).Order());
    }

    [Fact]
    public void A_machine_without_zones_has_no_temperature_and_lacks_nothing()
    {
        Directory.Delete(Path.Join(_host.Root, "sys"), recursive: true);
        using var probe = Probe();
        using var batch = probe.Next();
        Assert.Equal(float.NaN, Value(batch, "temperature"));
        Assert.Empty(probe.Metrics.Counters);
    }

    [Fact]
    public void A_counter_that_restarts_is_nan_for_one_reading()
    {
        using var probe = Probe();
        _host.Write("stat", "cpu  10 0 5 900 50 0 0 0\n");
        _host.Net("eth0:", 10, 2100);
        probe.Next().Dispose();
        _host.Write("stat", "cpu  20 0 5 920 50 0 0 0\n");
        _host.Net("eth0:", 40, 2150);
        using var batch = probe.Next();
        Assert.Equal(1, probe.Metrics.Counters["counters-restarted"]);
        Assert.Equal(10f / 30, Value(batch, "cpu"));
        Assert.Equal((30f, 50f), (Value(batch, "network_received"), Value(batch, "network_sent")));
    }

    [Fact]
    public void A_restarted_counter_shows_no_rate_in_its_reading()
    {
        using var probe = Probe();
        _host.Write("stat", "cpu  10 0 5 900 50 0 0 0\n");
        _host.Net("eth0:", 10, 2100);
        _host.Disk(0, 201);
        using var batch = probe.Next();
        Assert.All(new[] { "cpu", "network_received", "network_sent", "disk_read", "disk_written" },
            c => Assert.Equal(float.NaN, Value(batch, c)));
        Assert.Equal(750 * 1024f, Value(batch, "memory_used"));
    }

    [Fact]
    public void A_device_counts_from_the_reading_after_it_came()
    {
        using var probe = Probe();
        _host.Net("eth0:", 1100, 2000, "wlan0:", 1_000_000, 1_000_000);
        using (var batch = probe.Next()) { Assert.Equal(100f, Value(batch, "network_received")); }
        _host.Net("wlan0:", 1_000_007, 1_000_000);
        using var second = probe.Next();
        Assert.Equal(7f, Value(second, "network_received"));
        Assert.Empty(probe.Metrics.Counters);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void Damaged_files_never_fail_a_run(int seed)
    {
        var random = new Random(seed);
        string[] files = ["stat", "loadavg", "meminfo", "net/dev", "diskstats"];
        string[] pieces = ["\n", " ", ":", "cpu", "cpu99999999999", "-1", "18446744073709551615", "1e999", "nan", "\0", "é", "x"];
        var texts = files.Select(f => File.ReadAllText(Path.Join(_host.Root, "proc", f))).ToArray();
        using var probe = Probe(cores: 2);
        for (var i = 0; i < 500; i++)
        {
            var file = random.Next(files.Length);
            var text = texts[file];
            var at = random.Next(text.Length);
            text = text.Remove(at, random.Next(text.Length - at)).Insert(at, pieces[random.Next(pieces.Length)]);
            _host.Write(files[file], text);
            using var batch = probe.Next();
            Assert.All(new[] { "cpu", "cpu_0", "memory_share" }, c => Assert.False(Value(batch, c) is < 0 or > 1));
            Assert.All(new[] { "network_sent", "disk_read", "memory_used" }, c => Assert.False(Value(batch, c) < 0));
            _host.Write(files[file], texts[file]);
        }
        Assert.True(probe.Metrics.Counters.Count >= 5, string.Join(", ", probe.Metrics.Counters.Keys));
    }

    [Fact]
    public void A_file_of_more_than_its_bound_is_none()
    {
        _host.Write("meminfo", new string('\n', 1 << 20) + HostFolder.Memory);
        using var probe = Probe();
        using var batch = probe.Next();
        Assert.Equal(float.NaN, Value(batch, "memory_used"));
        Assert.Equal(1, probe.Metrics.Counters["unreadable-meminfo"]);
    }

    [Fact]
    public void Steady_readings_allocate_little()
    {
        using var probe = new SourceProbe<Batch>(p => p.FromHost(root: _host.Root), guard: false);
        for (var i = 0; i < 100; i++) { probe.Next().Dispose(); }
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) { probe.Next().Dispose(); }
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 0, 16 << 10);     // handles, names of devices and zones
    }

    [Fact]
    public void The_real_machine_can_be_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "there is no /proc");
        using var probe = new SourceProbe<Batch>(p => p.FromHost(cores: 1));
        using var batch = probe.Next();
        Assert.True(Value(batch, "cpu") is float.NaN or (>= 0 and <= 1));       // NaN where no tick has passed since the start
        Assert.InRange(Value(batch, "load1"), 0, 1 << 20);
        Assert.InRange(Value(batch, "memory_share"), 0, 1);
        Assert.InRange(Value(batch, "memory_used"), 1 << 20, float.MaxValue);
        Assert.DoesNotContain("unreadable-stat", probe.Metrics.Counters.Keys);
        Assert.DoesNotContain("unreadable-meminfo", probe.Metrics.Counters.Keys);
    }

    [Theory, InlineData(Pace.Original), InlineData(Pace.AsFastAsPossible)]
    public async Task A_run_reads_at_its_times_until_it_is_drained(Pace pace)
    {
        List<long> times = [];
        var (clock, seen, late) = (new ManualTimeProvider(), 0, TimeSpan.FromMilliseconds(1));      // the host rings after its time
        var start = clock.GetUtcNow();
        var pipeline = Pipeline.Define("host", p => p.FromHost(root: _host.Root).ForEach("rows", batch =>
        {
            times.Add(batch["time"].Values<long>()[0]);
            Volatile.Write(ref seen, times.Count);
        }));
        await using var run = pipeline.Start(new() { TimeProvider = clock, Pace = pace, GuardMemory = true });
        for (var i = 0; i < 5; i++)
        {
            while (clock.PendingTimers == 0 && !run.Completion.IsCompleted) { await Task.Yield(); }
            clock.Advance(i == 0 ? Second + late : Second);
            while (Volatile.Read(ref seen) <= i && !run.Completion.IsCompleted) { await Task.Yield(); }
        }
        await run.DrainAsync();
        await run.Completion;

        Assert.Equal(Enumerable.Range(1, 5).Select(i => (start + (i * Second) + late - DateTimeOffset.UnixEpoch).Ticks * 100), times);
    }

    [Fact]
    public void What_cannot_be_is_refused_at_definition()
    {
        static void Define(HostTelemetryOptions options) => Pipeline.Define("p",
            p => p.FromHost(options.Interval, options.Rows, options.Cores, options.Root).Discard());
        Assert.Throws<ArgumentOutOfRangeException>(() => Define(new() { Interval = TimeSpan.FromMilliseconds(9) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Define(new() { Rows = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Define(new() { Cores = -1 }));
        Assert.Throws<ArgumentException>(() => Define(new() { Root = "" }));
        var error = Assert.Throws<PlatformNotSupportedException>(() => new HostTelemetryOptions().Checked(isLinux: false));
        Assert.StartsWith("host telemetry reads /proc: expected Linux, got ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_options_are_shown_in_the_graph()
    {
        var pipeline = Pipeline.Define("p", p => p.FromHost(cores: 2, rows: 10).Discard());
        Assert.Equal("host every 00:00:01, 10 rows, 2 cores, /", pipeline.Nodes[0].ToString());
        Assert.Equal(["time", "cpu", "cpu_0", "cpu_1", "load1"], pipeline.Nodes[0].Schema!.Fields.Take(5).Select(f => f.Name));
        Assert.Equal(["B/s", "B/s", "Cel"], pipeline.Nodes[0].Schema!.Fields.TakeLast(3).Select(f => f.Unit.Symbol));
    }

    private SourceProbe<Batch> Probe(int cores = 0, int rows = 1) =>
        new(p => p.FromHost(root: _host.Root, cores: cores, rows: rows));

    private static float Value(Batch batch, string column) => batch[column].Values<float>()[0];
}
