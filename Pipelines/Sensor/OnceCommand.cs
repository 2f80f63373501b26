using System.Globalization;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Sensor;

internal static class OnceCommand
{
    /// <summary>Ends when each device has rows, on timeout, or at the end of the rows.</summary>
    internal static async Task<int> RunAsync(SensorConfig config, int rows, TimeSpan longest, TextWriter? output, TextWriter error)
    {
        using var ending = new Ending();
        List<IAsyncDisposable> opened = [];
        List<PipelineRun> runs = [];
        if (config.Source is ServerConfig { AtMost: not null } any)
        {
            (any, var retained) = await FoundDevices.FirstAsync(any, longest).ConfigureAwait(false);
            config = config with { Source = any };
            if (any.Devices.IsEmpty)
            {
                error.WriteLine($"streamlearn-sensor: no device has published on {any.Topic} within {longest.TotalSeconds} s{retained}");
                return ProgramExit.DataRefused;
            }
        }

        try
        {
            var devices = SensorDevices.Measured(
                config with { Source = config.Source with { Speed = double.PositiveInfinity } }, static _ => null, opened);
            var table = new ShownRows(rows, devices.Count, config.Columns.Label?.Classes ?? [], ending.End);
            foreach (var device in devices) { runs.Add(Define(device, table).Start()); }
            ending.EndAfter(longest);
            var exit = await ending.WaitAsync(runs).ConfigureAwait(false);
            if (exit is not (ProgramExit.Done or ProgramExit.DrainTimedOut)) { return exit; }
            output?.WriteLine($"{devices.Count} {(devices.Count == 1 ? "device" : "devices")}; the first good rows of each:");
            if (output is not null) { table.Write(output); }
            foreach (var (device, run) in devices.Zip(runs)) { output?.WriteLine(QualityOf(config.Source, run) + WhyUnread([device])); }
            if (output is not null && DroppedForAll(config.Source, runs) is [_, ..] unread)
            {
                output.WriteLine($"unreadable rows of all devices: {string.Join(", ", unread)}");
            }

            var silent = devices.Where(d => table.RowsOf(d.Name) == 0).Select(static d => d.Name).ToList();
            if (silent.Count == 0) { return ProgramExit.Done; }
            error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"streamlearn-sensor: no good row from {string.Join(", ", silent)} within {longest.TotalSeconds} s: ")
                + WhyNot(config, runs, opened) + WhyUnread(devices));
            return ProgramExit.DataRefused;
        }
        finally
        {
            foreach (var run in runs) { await run.DisposeAsync().ConfigureAwait(false); }
            foreach (var server in opened) { await server.DisposeAsync().ConfigureAwait(false); }
        }
    }

    private static Pipeline Define(MeasuredDevice device, ShownRows table) => Pipeline.Define(device.Name, p =>
    {
        var (good, faulty) = device.Measure(p).CheckQuality(device.Quality);
        faulty.Discard();
        good.ForEach("show", batch => table.Add(device.Name, batch));
    });

    private static string WhyUnread(List<MeasuredDevice> devices) =>
        devices.Select(static d => d.WhyUnread?.Invoke()).FirstOrDefault(static w => w is not null) is { } why ? $" ({why})" : "";

    private static string QualityOf(SourceConfig source, PipelineRun run)
    {
        var good = run.Metrics["check-quality"].RowsOut;
        var bad = Dropped(source, run);
        return string.Create(CultureInfo.InvariantCulture, $"{run.Metrics.Pipeline}: {good} good rows")
            + (bad.Count == 0 ? ", none left out" : $", left out: {string.Join(", ", bad)}");
    }

    private static List<string> Dropped(SourceConfig source, PipelineRun run) =>
        Texts(run.Metrics.Blocks.Where(b => !source.ReadsForAll(b.Block) && !source.LeavesOthersAside(b.Block)).SelectMany(DropsOf)
            .GroupBy(static d => d.Reason, static d => d.Count), Enumerable.Sum);

    /// <summary>Lists the drops of a shared source: every device counts the same drops, or fewer if it ended earlier.</summary>
    private static List<string> DroppedForAll(SourceConfig source, List<PipelineRun> runs) =>
        Texts(runs.SelectMany(r => r.Metrics.Blocks.Where(b => source.ReadsForAll(b.Block)).SelectMany(DropsOf))
            .GroupBy(static d => d.Reason, static d => d.Count), Enumerable.Max);

    private static IEnumerable<(string Reason, long Count)> DropsOf(BlockMetrics block) =>
        block.RowsDropped.Concat(block.Drops.Where(d => !block.RowsDropped.ContainsKey(d.Key))).Select(static d => (d.Key, d.Value));

    private static List<string> Texts(IEnumerable<IGrouping<string, long>> drops, Func<IEnumerable<long>, long> count) =>
        [.. drops.Select(g => string.Create(CultureInfo.InvariantCulture, $"{count(g)} {g.Key}"))];

    private static string WhyNot(SensorConfig config, List<PipelineRun> runs, List<IAsyncDisposable> opened)
    {
        var dropped = runs.SelectMany(r => Dropped(config.Source, r)).Concat(DroppedForAll(config.Source, runs)).Distinct().ToList();
        if (dropped.Count > 0) { return $"left out: {string.Join(", ", dropped)}"; }
        var fault = opened.OfType<ITransport>().Select(EdgeServer.LastFault).FirstOrDefault(static f => f.Length > 0);
        return fault ?? (config.Source switch
        {
            ServerConfig server => $"no message arrived on {server.Topic} at {EdgeServer.NameOf(server.Url)}",
            LinesConfig lines => $"no row arrived from {lines.Origin.Name}",
            _ => "the source has none",
        });
    }
}
