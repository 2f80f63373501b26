using StreamLearn.Nats;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

/// <summary>State folders of a program's participants: <c>root/fleet/participant</c>.</summary>
internal sealed class StateFolder(DirectoryInfo root, string fleet, Action<string> notice)
{
    /// <summary>Save interval while no output waits.</summary>
    private static readonly TimeSpan UsualEvery = TimeSpan.FromSeconds(2);

    /// <summary>Interval between saves, which release waiting output; default null: two seconds, or a tenth of a second once output
    /// waits.</summary>
    public TimeSpan? SaveEvery { get; init; }

    /// <summary>The lead that keeps a participant's checkpoints at the server instead of its folder. A participant resumes from the folder
    /// if the server has no checkpoint. The run ends if the lead is lost. Default null: checkpoints are in the folder.</summary>
    public Lead? Lead { get; init; }

    /// <summary>Root folder of earlier versions; null: unchanged.</summary>
    internal DirectoryInfo? Earlier { get; init; }

    public string Of(string participant)
    {
        var inside = Path.Join(fleet, Uri.EscapeDataString(participant));
        var folder = Path.Join(root.FullName, inside);
        if (Earlier is { } earlier && Directory.Exists(Path.Join(earlier.FullName, inside)) && !Directory.Exists(folder))
        {
            throw new StateFolderException($"the state of '{participant}' in fleet '{fleet}' is in {earlier.FullName}, but a relative "
                + $"path starts at the configuration file. Move the state to {root.FullName}, or set state: {earlier.FullName}",
                ProgramExit.StateUnusable);
        }

        return folder;
    }

    public bool Has(string participant)
    {
        try { return Newest(Of(participant)) is { HasEnded: false }; }
        catch (Exception e) when (e is StateException or IOException or UnauthorizedAccessException) { return false; }   // Start reports it
    }

    public bool HasBlock(string participant, string block)
    {
        try
        {
            return Newest(Of(participant)) is { HasEnded: false } newest && Holds(newest, block);
        }
        catch (Exception e) when (e is StateException or IOException or UnauthorizedAccessException)
        {
            return false;           // Start reports it
        }
    }

    /// <summary>Starts a participant from its last checkpoint, or from scratch if there is none or its rows had ended. The listed blocks
    /// always start from scratch. <paramref name="problem"/> explains a state that does not fit; null for the state's own
    /// message.</summary>
    public PipelineRun Start(Pipeline pipeline, RunOptions options, IStateful? state = null, ImmutableArray<string> anew = default,
        Func<string?>? problem = null)
    {
        var folder = Of(pipeline.Name);
        try
        {
            var newest = Newest(folder);
            foreach (var damaged in newest?.PassedOver ?? []) { notice($"{pipeline.Name}: {damaged}"); }
            string[] begun = newest is null || anew.IsDefault ? []
                : [.. anew.Where(b => Holds(newest, b))];       // Start reports what does not fit
            var run = pipeline.Start(options with
            {
                Checkpoints = Checkpoints(folder, state),
                StartFrom = newest is { HasEnded: false } ? newest.Without(begun) : null,
                Epoch = Lead?.Epoch ?? options.Epoch,
            }, Lead?.Lost ?? default);
            if (newest is { HasEnded: true }) { notice($"{pipeline.Name} had finished; it starts over"); }
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
                ? "It was saved with another use of --ledger: start the same way. " : "";
            throw new StateFolderException(
                $"{folder}: {problem?.Invoke() ?? withLedger + ProblemOf(e.Message)}. Undo the change in the configuration, or move the "
                    + "folder away to start over.",
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

    /// <summary>Omits advice that is meant for C# developers.</summary>
    private static string ProblemOf(string message)
    {
        var end = message.IndexOf(". What fits:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).ReplaceLineEndings(" ").TrimEnd('.', ' ');
    }
}
