using System.CommandLine;
using StreamLearn;
using StreamLearn.Programs;
using StreamLearn.Tables;

namespace Sensor;

/// <summary><c>forget-aggregator</c>: leaves a note in each device's state for its next start.</summary>
internal static class ForgetAggregator
{
    /// <summary>The block that follows an aggregator.</summary>
    private const string Block = "train";

    private const string Note = "forget-aggregator";

    private const string Description = """
        Let the devices forget the aggregator that they follow: at their next start they follow the first one that answers. Stop the sensor
        first. For devices that ignore their aggregator because another one was there, which started later or said so. Without this they
        follow the one that is left half a minute to two minutes after the other one has gone.

        The devices begin as new starts: rows that are kept to learn from again, and what was learned since the last update, are lost.
        Where a device stands in its recordings, windows that wait for labels, and what it answers with stay.

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
            Console.Out.WriteLine($"{device} follows the first aggregator that answers once it is started again");
        }

        return ProgramExit.Done;
    }

    /// <summary>Blocks reset by the note.</summary>
    internal static IEnumerable<string> Blocks(string folder) => File.Exists(Path.Join(folder, Note)) ? [Block] : [];

    /// <summary>Deletes the note once a checkpoint holds its effect.</summary>
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
