using System.CommandLine;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Sensor;

/// <summary>Repeats what <c>record</c> has kept of a sensor's runs.</summary>
internal static class SensorReplay
{
    private const string Description = """
        Repeats the recorded runs of a sensor, record.folder in its file, and says whether they give the same bits. Each file of the folder
        is a start of the sensor. With record.keep: content messages of others are repeated, and what was published is compared; with keep:
        order only runs are repeated to which nobody sent anything. Files of rows have to be where they were; nothing is sent.

        Examples:
          streamlearn replay recorded

        Exit codes: 0 the same bits; 1 others; 2 bad command line; 65 a recording, or its rows, are refused.
        """;

    internal static Command Create(string program)
    {
        var folder = new Argument<DirectoryInfo>("folder") { Description = "What record.folder names." };
        var command = new Command("replay", Description) { folder };
        command.SetAction(async (result, _) =>
        {
            try
            {
                return await RunAsync(result.GetRequiredValue(folder)).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ReplayException or ConfigurationException or StateFolderException or FormatException
                or IOException or UnauthorizedAccessException or PipelineDefinitionException)
            {
                await Console.Error.WriteLineAsync($"{program}: {e.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
                return ProgramExit.DataRefused;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(DirectoryInfo folder)
    {
        var files = folder.EnumerateFiles($"*{Recording.Extension}").OrderBy(static f => f.Name, StringComparer.Ordinal).ToList();
        if (files.Count == 0) { throw new IOException($"{folder}: expected files named *{Recording.Extension}, got none"); }
        var differs = false;
        foreach (var file in files) { differs |= !await IsRepeatedAsync(file).ConfigureAwait(false); }
        return differs ? ProgramExit.Failed : ProgramExit.Done;
    }

    private static async Task<bool> IsRepeatedAsync(FileInfo file)
    {
        using var reader = file.OpenText();
        var start = RecordedStart.TryRead(await reader.ReadLineAsync().ConfigureAwait(false))
            ?? throw new IOException($"{file}: expected the recording of a sensor; its first line does not say one");
        var state = Directory.CreateTempSubdirectory("streamlearn-replay-");
        List<IAsyncDisposable> opened = [];
        try
        {
            using var replay = RunReplay.Run(reader, PipelinesOf(start, NamesIn(file), state, opened), seed: 0);
            foreach (var failure in replay.Failures) { Console.Out.WriteLine($"{file.Name}: failed as it did: {failure.Message}"); }
            var text = replay.Difference is { } difference ? $"DIFFERS at {difference}"
                : replay.Compared > 0 ? FormattableString.Invariant($"equal, {replay.Compared:N0} messages of it compared")
                : "of the order alone, there is nothing to compare";
            Console.Out.WriteLine(FormattableString.Invariant($"{file.Name}: {replay.Calls:N0} calls repeated: {text}"));
            return replay.Difference is null;
        }
        catch (ReplayException e)
        {
            throw new ReplayException(
                $"{file}: {e.Message}{(e.LacksMessage ? "; record.keep: content also keeps what others sent" : "")}");
        }
        finally
        {
            await new DisposableGroup(opened).DisposeAsync().ConfigureAwait(false);
            state.Delete(recursive: true);
        }
    }

    /// <summary>The devices that began in this file; others went on from checkpoints.</summary>
    private static HashSet<string> NamesIn(FileInfo file) => File.ReadLines(file.FullName)
        .Where(static line => line.StartsWith("P ", StringComparison.Ordinal)).Select(static line => line.Split(' ', 4)[^1])
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<Pipeline> PipelinesOf(
        RecordedStart start, HashSet<string> names, DirectoryInfo state, List<IAsyncDisposable> opened)
    {
        var config = ConfigTree.Parse(start.Source, start.Configuration).Read(SensorConfig.Read).Value;
        config = config with
        {
            Link = config.Link.In(state),
            Source = config.Source is ServerConfig server ? server with { Devices = [.. names], AtMost = null } : config.Source,
        };
        var (edge, model) = (EdgeLink.Over(new InProcessTransport()), new ModelWatch(static _ => { }));
        return [.. SensorDevices.Of(config, start.Epoch, opened).Where(d => names.Contains(d.Name)).Select(d => SensorPipeline.Create(
            d with
            {
                Ledger = start.HasLedger ? new InProcessTransport("ledger") : null,
                OnRowsEnded = static () => { },
                Check = model.Of(d, config.Model),
                Capabilities = start.Said,
            }, edge))];
    }
}
