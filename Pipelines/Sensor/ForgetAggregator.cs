using System.CommandLine;
using StreamLearn.Tables;

namespace Sensor;

/// <summary><c>forget-aggregator</c>: leaves a note in each device's state for its next start.</summary>
internal static class ForgetAggregator
{
    /// <summary>The block that follows an aggregator.</summary>
    private const string Block = "train";

    private const string Note = "forget-aggregator";

    private const string Description = """
        Make the devices forget the aggregator that they follow: after their next start they follow the first one that answers. Stop the
        sensor first. Use it if devices ignore their aggregator because another one has started later, or claimed to. Without it they
        return to the remaining aggregator half a minute to two minutes after the other one has stopped.

        The devices restart: rows kept for repeated learning, and what was learned since the last update, are lost. Positions in
        recordings, windows that wait for labels, and the model for answers are kept.

        Example:
          streamlearn-sensor forget-aggregator -c sensor.yaml

        Exit codes: 0 noted for the next start; 2 bad command line; 69 no device has a state; 73 the sensor is running, or its state folder
        is not writable; 78 bad configuration.
        """;

    internal static Command Create(ConfigCommands<SensorConfig> commands) =>
        commands.Reading("forget-aggregator", Description, static (config, _) => Task.FromResult(LeaveNotes(config.Value.Link)));

    private static int LeaveNotes(LinkConfig link)
    {
        var folder = new DirectoryInfo(Path.Join(link.State.FullName, link.Fleet));
        var names = folder.Exists ? folder.GetDirectories().Select(static d => Uri.UnescapeDataString(d.Name)) : [];
        var state = link.OpenState();
        List<string> devices = [.. names.Where(name => state.HasBlock(name, Block)).Order(StringComparer.Ordinal)];
        if (devices.Count == 0)
        {
            Console.Error.WriteLine($"streamlearn-sensor: no device has a state in {folder}");
            return ProgramExit.NoLink;
        }

        using var hold = StateHold.Take(link.State);
        foreach (var device in devices)
        {
            File.WriteAllText(Path.Join(state.Of(device), Note), "");
            Console.Out.WriteLine($"{device} will follow the first aggregator that answers after its next start");
        }

        return ProgramExit.Done;
    }

    /// <summary>Returns the blocks that the note resets.</summary>
    internal static IEnumerable<string> Blocks(string folder) => File.Exists(Path.Join(folder, Note)) ? [Block] : [];

    /// <summary>Deletes the note once a checkpoint includes its effect.</summary>
    internal static async Task EndAsync(PipelineRun run, string folder)
    {
        if (!File.Exists(Path.Join(folder, Note))) { return; }
        try
        {
            await run.CheckpointAsync().ConfigureAwait(false);
            File.Delete(Path.Join(folder, Note));
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // the next start retries
        }
    }
}
