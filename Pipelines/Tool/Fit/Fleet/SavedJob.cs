using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Tables;

namespace Tool;

internal sealed class SavedJob : IDisposable
{
    private const string JobFile = "job.json";
    private const string LockFile = ".lock";

    internal const string Advice = "(to start over, use another folder, or delete the whole folder: its files belong together)";

    private readonly DirectoryInfo _folder;
    private readonly Dictionary<string, SavedRun> _runs = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _words;
    private readonly string _of;        // of how much
    private readonly FileStream _lock;

    private SavedJob(JobOptions options, List<FleetRun> runs, FileStream held)
    {
        (_folder, _words, _lock) = (options.Checkpoint!, WordsOf(options, runs), held);
        _of = FormattableString.Invariant($" of {SimulatedRuns.LengthOf(options, runs[0].Scenario).TotalSeconds:0.#} s virtual time");
    }

    /// <summary>Describes the checkpoint from which the job resumes; null if it starts in an empty folder.</summary>
    internal string? Resumes { get; private set; }

    internal string Interrupted
    {
        get
        {
            var saved = string.Join(", ", _runs.Where(static r => r.Value.SavedAt is not null).Select(static r =>
                FormattableString.Invariant($"{r.Key} at {r.Value.SavedAt!.Value.TotalSeconds:0.0} s")));
            return saved.Length == 0
                ? "interrupted before anything was saved; the same command starts over"
                : $"interrupted; saved {saved}{_of} in {_folder}: the same command resumes";
        }
    }

    internal static SavedJob? Open(JobOptions options, List<FleetRun> runs)
    {
        if (options.Checkpoint is not { } folder) { return null; }
        var job = new SavedJob(options, runs, Hold(folder));
        try
        {
            job.Begin(runs.ConvertAll(static r => r.Mode.Name));
            return job;
        }
        catch
        {
            job.Dispose();
            throw;
        }
    }

    internal SavedRun WorldOf(FleetRun run) => _runs[run.Mode.Name];

    /// <summary>Call it after writing the result, when nothing is left to resume.</summary>
    internal void End()
    {
        Write(hasEnded: true);
        Clear(_runs.Keys);
    }

    public void Dispose() => _lock.Dispose();

    private void Begin(List<string> modes)
    {
        var known = Read();
        if (known is { HasEnded: false })
        {
            foreach (var (word, value) in _words.OrderBy(static w => w.Key == "--data"))      // --data last: its rows depend on the devices
            {
                if (known.Words.GetValueOrDefault(word) is var saved && saved == value) { continue; }
                throw new ProgramException(
                    $"--checkpoint: the job in {_folder} has {word} {saved ?? "unknown"}, this one {value}: "
                        + "repeat its command, or use another folder", ExitCode.BadCommandLine);
            }

            foreach (var mode in modes) { _runs[mode] = Of(mode); }
            var at = _runs.Where(static r => r.Value.SavedAt is not null).Select(static r =>
                FormattableString.Invariant($"{r.Key} from {r.Value.SavedAt!.Value.TotalSeconds:0.0} s"));
            Resumes = string.Join(", ", at) is { Length: > 0 } text
                ? $"goes on, {text}{_of}" : null;
            return;
        }

        foreach (var mode in modes)
        {
            if (known is null && Directory.Exists(PathOf(mode)) && Directory.EnumerateFileSystemEntries(PathOf(mode)).Any())
            {
                throw new ProgramException($"--checkpoint: {PathOf(mode)} has files of another program: use another folder",
                    ExitCode.BadCommandLine);
            }
        }

        Resumes = known is null ? null : $"the job in {_folder} had ended: starting over";
        Clear(modes);
        foreach (var mode in modes) { _runs[mode] = Of(mode); }
        Write(hasEnded: false);
    }

    private SavedRun Of(string mode) => new(PathOf(mode), Newest(PathOf(mode)), Keep);

    /// <summary>Rewrites the job's identity if the folder was deleted, since runs recreate theirs.</summary>
    private void Keep()
    {
        if (!File.Exists(PathOf(JobFile))) { Write(hasEnded: false); }
    }

    private static Checkpoint? Newest(string folder)
    {
        try
        {
            return Checkpoint.Newest(folder);
        }
        catch (Exception e) when (e is StateException or IOException or UnauthorizedAccessException)
        {
            throw new ProgramException(
                $"--checkpoint: cannot resume from {folder}: {e.Message.ReplaceLineEndings(" ")} {Advice}", ExitCode.DataRefused);
        }
    }

    private void Clear(IEnumerable<string> modes) => Files.Guard($"to {_folder}", () =>
    {
        foreach (var mode in modes)
        {
            if (Directory.Exists(PathOf(mode))) { Directory.Delete(PathOf(mode), recursive: true); }
        }
    });

    private SavedJobText? Read()
    {
        var file = new FileInfo(PathOf(JobFile));
        if (!file.Exists) { return null; }
        try
        {
            using var reader = Files.Open(file);
            return JsonSerializer.Deserialize(reader.ReadToEnd(), SavedJobJson.Default.SavedJobText);
        }
        catch (JsonException)
        {
            throw new ProgramException($"--checkpoint: {file} was not written by this program: use another folder",
                ExitCode.DataRefused);
        }
    }

    private void Write(bool hasEnded) =>
        Files.Write(new(PathOf(JobFile)), JsonSerializer.Serialize(new(hasEnded, _words), SavedJobJson.Default.SavedJobText) + "\n");

    private string PathOf(string name) => Path.Join(_folder.FullName, name);

    /// <summary>Locks the folder until the process ends.</summary>
    private static FileStream Hold(DirectoryInfo folder)
    {
        Files.Guard($"to {folder}", folder.Create, " (use another folder with --checkpoint)");
        try
        {
            return new(Path.Join(folder.FullName, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ProgramException($"--checkpoint: {folder} is in use by another run, or not writable: "
                + e.Message.ReplaceLineEndings(" "), ExitCode.CannotWrite);
        }
    }

    private static SortedDictionary<string, string> WordsOf(JobOptions options, List<FleetRun> runs)
    {
        var (run, source) = (runs[0], runs[0].Source);
        var rows = source.Devices.Concat(source.Unseen).Sum(source.RowsOf);
        var scenario = File.ReadAllBytes(options.ScenarioFile);
        SortedDictionary<string, string> words = new(StringComparer.Ordinal)
        {
            ["--host"] = "simulation",      // jobs of earlier versions also ran on real threads
            ["--link"] = "none",
            ["--data"] = string.Create(CultureInfo.InvariantCulture,
                $"{options.Rows ?? options.Data?.FullName ?? "generated"} ({rows} rows)"),
            ["--devices"] = source.Devices.Length.ToString(CultureInfo.InvariantCulture),
            ["--seed"] = run.Seed.ToString(CultureInfo.InvariantCulture),
            ["--mode"] = string.Join(" + ", runs.Select(static r => r.Mode.Name)),
            ["--steps"] = run.Continuous ? "continuous" : "rows",
            ["--scenario"] = $"{options.Scenario?.Name ?? "default"} ({Convert.ToHexStringLower(SHA256.HashData(scenario))[..12]})",
        };
        if (options.Rows is not null)
        {
            words["--label"] = string.Join(',', source.Classes);
            words["--unseen"] = string.Join(',', source.Unseen);
        }

        if (options.Rows is not null || options.Window is not null)
        {
            words["--window"] = source.WindowSamples.ToString(CultureInfo.InvariantCulture);
        }

        if (options.Model != ModelKind.Conv) { words["--model"] = options.Model.ToString().ToLowerInvariant(); }
        if (run.Code is { } code) { words["--code"] = code.ToString(); }
        words["--seconds"] = SimulatedRuns.LengthOf(options, run.Scenario).TotalSeconds.ToString(CultureInfo.InvariantCulture);
        return words;
    }
}

/// <summary><paramref name="HasEnded"/>: true if the result is written.</summary>
internal sealed record SavedJobText(bool HasEnded, SortedDictionary<string, string> Words);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SavedJobText))]
internal sealed partial class SavedJobJson : JsonSerializerContext;
