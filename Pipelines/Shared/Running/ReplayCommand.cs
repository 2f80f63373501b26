using System.CommandLine;
using StreamLearn.Simulation;
using StreamLearn.Tables;
using PipelinesOf = System.Func<System.IO.FileInfo, System.IO.DirectoryInfo,
    System.Collections.Generic.ICollection<System.IAsyncDisposable>, System.Collections.Generic.IEnumerable<StreamLearn.Pipeline>?>;

namespace StreamLearn.Programs;

internal static class ReplayCommand
{
    private const string Description = """
        Repeats recorded runs, record.folder in the file of a sensor or an aggregator, and says whether they give the same bits. Each file
        of a folder is a start of a program. With record.keep: content messages of others are repeated, and what was published is compared.
        With keep: order runs are repeated together with those that sent them something: name the folders of all, or files in them. Files
        of rows have to be where they were; nothing is sent.

        Examples:
          streamlearn replay recorded
          streamlearn replay aggregator/recorded sensors/recorded

        Exit codes: 0 repeated, and equal where messages were kept; 1 different; 2 bad command line; 65 a recording, or its rows, are
        refused.
        """;

    /// <summary><paramref name="makers"/>: one for each program; null for a recording of another one.</summary>
    internal static Command Create(string program, params IReadOnlyList<PipelinesOf> makers)
    {
        var places = new Argument<FileSystemInfo[]>("folder")
        {
            Description = "What record.folder names, or a file in it.",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = new Command("replay", Description) { places };
        command.SetAction(async (result, _) =>
        {
            try
            {
                return await RunAsync([.. result.GetRequiredValue(places).SelectMany(FilesIn)], makers).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ReplayException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"{program}: {e.Message.ReplaceLineEndings(" ")}").ConfigureAwait(false);
                return ProgramExit.DataRefused;
            }
        });
        return command;
    }

    private static List<FileInfo> FilesIn(FileSystemInfo? place)
    {
        if (place is null) { throw new IOException("expected a folder, got an empty name"); }
        if (place is FileInfo { Exists: true, Length: > 0 } one) { return [one]; }
        if (!Directory.Exists(place.FullName)) { throw new IOException($"{place}: expected a folder of recordings, or a recording"); }
        var files = new DirectoryInfo(place.FullName).EnumerateFiles($"*{Recording.Extension}")
            .OrderBy(static f => f.Name, StringComparer.Ordinal).ToList();
        return files.Count > 0 ? files : throw new IOException($"{place}: expected files named *{Recording.Extension}, got none");
    }

    /// <summary>Those that lack messages are repeated once more, together with all others, which may have sent them.</summary>
    private static async Task<int> RunAsync(List<FileInfo> files, IReadOnlyList<PipelinesOf> makers)
    {
        bool differs = false, lacks = false;
        foreach (var file in files)
        {
            try
            {
                differs |= !await IsRepeatedAsync([file], makers).ConfigureAwait(false);
            }
            catch (ReplayException e) when (e.LacksMessage && files.Count > 1)
            {
                lacks = true;
            }
        }

        if (lacks) { differs |= !await IsRepeatedAsync(files, makers).ConfigureAwait(false); }
        return differs ? ProgramExit.Failed : ProgramExit.Done;
    }

    private static async Task<bool> IsRepeatedAsync(List<FileInfo> files, IReadOnlyList<PipelinesOf> makers)
    {
        var names = string.Join(", ", files.Select(static f => f.Name));
        var state = Directory.CreateTempSubdirectory("streamlearn-replay-");
        List<IAsyncDisposable> opened = [];
        List<StreamReader> readers = [];
        try
        {
            List<(FileInfo File, Pipeline Pipeline)> pipelines = [];
            foreach (var file in files)
            {
                var made = makers.Select(m => m(file, state, opened)).FirstOrDefault(static p => p is not null)
                    ?? throw new FormatException("expected a recording of these programs in this version; its first line does not say one");
                pipelines.AddRange(made.Select(p => (file, p)));
                readers.Add(file.OpenText());
                await readers[^1].ReadLineAsync().ConfigureAwait(false);
            }

            if (pipelines.GroupBy(static p => p.Pipeline.Name).FirstOrDefault(static g => g.Count() > 1) is { } same)
            {
                throw new ReplayException("recordings without the messages of others are repeated together with those that sent them, but "
                    + $"'{same.Key}' starts in each of {string.Join(", ", same.Select(static p => p.File.Name))}: name the files of one "
                    + "start of each program, or keep the messages, record.keep: content");
            }

            using var replay = RunReplay.Run(readers, pipelines.Select(static p => p.Pipeline), seed: 0);
            foreach (var failure in replay.Failures) { Console.Out.WriteLine($"{names}: failed as it did: {failure.Message}"); }
            var text = replay.Difference is { } difference ? $"DIFFERS at {difference}"
                : replay.Compared > 0 ? FormattableString.Invariant($"equal, {replay.Compared:N0} messages of it compared")
                : replay.Calls > 0 ? "without messages, there is nothing to compare"
                : "a start that resumes from a checkpoint is not recorded";
            Console.Out.WriteLine(FormattableString.Invariant($"{names}: {replay.Calls:N0} calls repeated: {text}"));
            return replay.Difference is null;
        }
        catch (Exception e) when (e is ReplayException or ConfigurationException or StateFolderException or LoginFileException
            or FormatException or PipelineDefinitionException or ArgumentException)
        {
            var lacks = e is ReplayException { LacksMessage: true };
            throw new ReplayException($"{string.Join(", ", files)}: {e.Message}" + (lacks ? "; name the recordings of those that sent it "
                + "too, or record.keep: content also keeps what others sent" : ""))
            { LacksMessage = lacks };
        }
        finally
        {
            readers.ForEach(static r => r.Dispose());
            await new DisposableGroup(opened).DisposeAsync().ConfigureAwait(false);
            state.Delete(recursive: true);
        }
    }
}
