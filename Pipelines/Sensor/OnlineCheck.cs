using StreamLearn.Tables;

namespace Sensor;

internal static class OnlineCheck
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    internal static async Task<int> RunAsync(SensorConfig config)
    {
        StatusFile.Look(config.Link.State);
        var names = await NamesAsync(config).ConfigureAwait(false);
        var reached = config.Learns ? await ServerCheck.SayAsync(config.Link, config.Model, names, SensorCommands.Say).ConfigureAwait(false)
            : await ServerCheck.SayAsync(config.Link.Url, config.Link.Login, trial: null, SensorCommands.Say).ConfigureAwait(false);
        if (reached == ProgramExit.Done && config.Source is ServerConfig source
            && (source.Url != config.Link.Url || source.Login?.FullName != config.Link.Login?.FullName))
        {
            reached = await ServerCheck.SayAsync(source.Url, source.Login, trial: null, SensorCommands.Say).ConfigureAwait(false);
        }

        foreach (var place in (config.Answers?.Places ?? []).Append(config.Anomalies?.To).OfType<PlaceConfig>()
            .Where(static p => p.Url is not null).DistinctBy(static p => p.Url))
        {
            if (reached != ProgramExit.Done) { break; }
            reached = await ServerCheck.SayAsync(place.Url!, place.Login, trial: null, SensorCommands.Say).ConfigureAwait(false);
        }

        if (reached != ProgramExit.Done) { return reached; }
        var exit = await OnceCommand.RunAsync(config, rows: 1, Deadline, output: null, Console.Error).ConfigureAwait(false);
        if (exit == ProgramExit.Done) { Console.Out.WriteLine("good: read a row from each device"); }
        return exit;
    }

    private static async Task<List<string>> NamesAsync(SensorConfig config)
    {
        List<IAsyncDisposable> opened = [];
        try
        {
            return SensorDevices.Measured(config, static _ => null, opened).ConvertAll(static device => device.Name);
        }
        finally
        {
            foreach (var server in opened) { await server.DisposeAsync().ConfigureAwait(false); }
        }
    }
}
