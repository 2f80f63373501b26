using StreamLearn.Fleets;

namespace Sensor;

/// <summary>Looks whether what a configuration names is there: the state folder, the servers, and a row of each device.</summary>
internal static class OnlineCheck
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>Looks.</summary>
    /// <param name="config">The configuration.</param>
    /// <returns>What the program ends with.</returns>
    /// <exception cref="StateFolderException">Nothing can be written to the state folder.</exception>
    internal static async Task<int> RunAsync(SensorConfig config)
    {
        StatusFile.Prepare(config.Link.State);
        List<(Uri Url, FileInfo? Login)> servers = [(config.Link.Url, config.Link.Login)];
        if (config.Source is MqttConfig mqtt) { servers.Add((mqtt.Url, mqtt.Login)); }
        foreach (var (url, login) in servers.Distinct())
        {
            if (await ServerCheck.ReachAsync(url, login, Deadline).ConfigureAwait(false) is not { } refusal)
            {
                Console.Out.WriteLine($"good: {EdgeServer.NameOf(url)} answers");
                continue;
            }

            Console.Error.WriteLine($"streamlearn-sensor: {refusal.Text}");
            return refusal.ExitCode;
        }

        var exit = await OnceCommand.RunAsync(config, rows: 1, Deadline, output: null, Console.Error).ConfigureAwait(false);
        if (exit == ProgramExit.Done) { Console.Out.WriteLine("good: a row of each device"); }
        return exit;
    }
}
