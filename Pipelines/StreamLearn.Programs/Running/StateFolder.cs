using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Nats;

namespace StreamLearn.Programs;

/// <summary>Where the participants of a program keep their state, each in a folder of its own: <c>root/fleet/participant</c>.</summary>
/// <param name="root">The folder of all fleets of this machine.</param>
/// <param name="fleet">The fleet.</param>
/// <param name="notice">Takes a sentence for people.</param>
public sealed class StateFolder(DirectoryInfo root, string fleet, Action<string> notice)
{
    /// <summary>How often state is saved while nothing waits for it.</summary>
    private static readonly TimeSpan UsualEvery = TimeSpan.FromSeconds(2);

    /// <summary>How often state is saved, and what waits for that goes out; null, the default: each two seconds, and a tenth of a second
    /// after something waits.</summary>
    public TimeSpan? SaveEvery { get; init; }

    /// <summary>The lead with which a participant's checkpoints are kept at the server, in the place of its folder; what the folder holds
    /// is gone on from where the server has none. A run that is started then ends when the lead is lost. Null, the default: checkpoints
    /// are in the folder.</summary>
    public Lead? Lead { get; init; }

    /// <summary>Where earlier versions looked for the folder of all fleets; null, the default: at the same place.</summary>
    internal DirectoryInfo? Earlier { get; init; }

    /// <summary>The folder of a participant.</summary>
    /// <param name="participant">Its name; letters that no folder may have are escaped.</param>
    /// <exception cref="StateFolderException">It is where earlier versions looked for it.</exception>
    public string Of(string participant)
    {
        var inside = Path.Join(fleet, Uri.EscapeDataString(participant));
        var folder = Path.Join(root.FullName, inside);
        if (Earlier is { } earlier && Directory.Exists(Path.Join(earlier.FullName, inside)) && !Directory.Exists(folder))
        {
            throw new StateFolderException($"the state of '{participant}' in fleet '{fleet}' is in {earlier.FullName}, and a path in a "
                + $"file is relative to that file: move it to {root.FullName}, or write state: {earlier.FullName}",
                ProgramExit.StateUnusable);
        }

        return folder;
    }

    /// <summary>True if a participant goes on from a checkpoint at its next start.</summary>
    /// <param name="participant">Its name.</param>
    public bool Has(string participant)
    {
        try { return Newest(Of(participant)) is { HasEnded: false }; }
        catch (Exception e) when (e is StateException or IOException or UnauthorizedAccessException) { return false; }   // Start says why
    }

    /// <summary>True if the checkpoint that a participant goes on from has a block.</summary>
    /// <param name="participant">Its name.</param>
    /// <param name="block">The block's name.</param>
    public bool HasBlock(string participant, string block)
    {
        try
        {
            return Newest(Of(participant)) is { HasEnded: false } newest && Holds(newest, block);
        }
        catch (Exception e) when (e is StateException or IOException or UnauthorizedAccessException)
        {
            return false;           // Start says why
        }
    }

    /// <summary>Starts a participant at the level <i>checkpointed</i>: where its last checkpoint left off, or anew where there is none or
    /// its rows had ended.</summary>
    /// <param name="pipeline">Its pipeline; the name is that of the participant.</param>
    /// <param name="options">How it runs.</param>
    /// <param name="state">Something of the program's own that is saved with it; null: nothing.</param>
    /// <param name="anew">Its blocks that begin anew at each start.</param>
    /// <param name="problem">What is known of a state that does not fit, once it was read; null, or null of it: nothing more than its
    /// blocks say.</param>
    /// <exception cref="StateFolderException">The folder cannot be used, or what it holds does not fit.</exception>
    public PipelineRun Start(Pipeline pipeline, RunOptions options, IStateful? state = null, ImmutableArray<string> anew = default,
        Func<string?>? problem = null)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        ArgumentNullException.ThrowIfNull(options);
        var folder = Of(pipeline.Name);
        try
        {
            var newest = Newest(folder);
            foreach (var damaged in newest?.PassedOver ?? []) { notice($"{pipeline.Name}: {damaged}"); }
            string[] begun = newest is null || anew.IsDefault ? []
                : [.. anew.Where(b => Holds(newest, b))];       // Start says what does not fit
            var run = pipeline.Start(options with
            {
                Checkpoints = Checkpoints(folder, state),
                StartFrom = newest is { HasEnded: false } ? newest.Without(begun) : null,
                Epoch = Lead?.Epoch ?? options.Epoch,
            }, Lead?.Lost ?? default);
            if (newest is { HasEnded: true }) { notice($"{pipeline.Name} had finished, and starts again"); }
            if (newest is { HasEnded: false })
            {
                notice(string.Create(CultureInfo.InvariantCulture,
                    $"{pipeline.Name} resumed from checkpoint {newest.Number} of {newest.Time:yyyy-MM-dd HH:mm:ss} UTC"));
            }

            return run;
        }
        catch (StateException e)
        {
            var withLedger = e.Message.Contains("/ledger'", StringComparison.Ordinal)
                ? "It was made with --ledger, or without: start the same way. " : "";
            throw new StateFolderException(
                $"{folder}: {problem?.Invoke() ?? withLedger + ProblemOf(e.Message)}. Undo what was changed in the configuration, or move "
                    + "the folder away to start anew.",
                ProgramExit.DiskFailed, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StateFolderException($"the state folder {folder} cannot be used: {e.Message.ReplaceLineEndings(" ")}",
                ProgramExit.StateUnusable, e);
        }
    }

    private Checkpoint? Newest(string folder) => Lead?.Newest ?? Checkpoint.Newest(folder);

    private CheckpointOptions Checkpoints(string folder, IStateful? state)
    {
        var options = (Lead is { } lead ? new CheckpointOptions(lead.KeepAsync) : new(folder)) with { Every = UsualEvery, State = state };
        return SaveEvery is { } every ? options with { Every = every, HoldAtMost = every } : options;
    }

    private static bool Holds(Checkpoint checkpoint, string block) => checkpoint.Parts.Any(p => p.Name == $"block/{block}");

    /// <summary>What is wrong, without what a program in C# could do about it.</summary>
    private static string ProblemOf(string message)
    {
        var end = message.IndexOf(". What fits:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).ReplaceLineEndings(" ").TrimEnd('.', ' ');
    }
}
