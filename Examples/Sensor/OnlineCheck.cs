using StreamLearn.Fleets;

namespace Sensor;

/// <summary>Checks that what a configuration names can be used: the state folder, the servers, and a row from each device.</summary>
internal static class OnlineCheck
{
    private const int HeaderBytes = 1024;       // of an update, with its topic and headers
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Looks.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>What the program ends with.</returns>
    /// <exception cref="StateFolderException">Nothing can be written to the state folder.</exception>
    internal static async Task<int> RunAsync(SensorConfig config)
    {
        var state = config.Link.State;
        var isNew = !state.Exists;
        StatusFile.Prepare(state);
        if (isNew) { state.Delete(); }
        var update = (sizeof(float) * (long)config.Model.Create().Plan.Values) + HeaderBytes;
        List<(Uri Url, FileInfo? Login, long? UpdateBytes)> servers = [(config.Link.Url, config.Link.Login, update)];
        if (config.Source is MqttConfig mqtt && (mqtt.Url != config.Link.Url || mqtt.Login?.FullName != config.Link.Login?.FullName))
        {
            servers.Add((mqtt.Url, mqtt.Login, null));
        }

        foreach (var (url, login, bytes) in servers)
        {
            if (await ServerCheck.ReachAsync(url, login, Deadline, bytes).ConfigureAwait(false) is not { } refusal)
            {
                Console.Out.WriteLine($"good: {EdgeServer.NameOf(url)} answers");
                continue;
            }

            Console.Error.WriteLine($"streamlearn-sensor: {refusal.Text}");
            return refusal.ExitCode;
        }

        var exit = await OnceCommand.RunAsync(config, rows: 1, Deadline, output: null, Console.Error).ConfigureAwait(false);
        if (exit == ProgramExit.Done) { Console.Out.WriteLine("good: read a row from each device"); }
        return exit;
    }
}
