using System.Collections.Frozen;

namespace StreamLearn.Fleets;

/// <summary>Why an aggregator refuses an update. Messages and counters contain the text of the reason
/// (<see cref="UpdateRefusals"/>).</summary>
public enum UpdateRefusal
{
    /// <summary><c>schema</c>: the update is of another model.</summary>
    Schema,

    /// <summary><c>shape</c>: its values, gradient or moments have the wrong length.</summary>
    Shape,

    /// <summary><c>version</c>: its base version is unknown.</summary>
    Version,

    /// <summary><c>stale</c>: its base version is too old.</summary>
    Stale,

    /// <summary><c>non-finite</c>: its values or moments are not finite.</summary>
    NonFinite,

    /// <summary><c>norm</c>: its norm is far greater than those of the fleet.</summary>
    Norm,

    /// <summary><c>duplicate</c>: it was received before.</summary>
    Duplicate,

    /// <summary><c>identity</c>: its number is invalid, or so old that its outcome is forgotten.</summary>
    Identity,

    /// <summary><c>number-twice</c>: another update has its number.</summary>
    NumberTwice,

    /// <summary><c>fenced</c>: it is from an earlier start of the device.</summary>
    Fenced,

    /// <summary><c>implausible-epoch</c>: it is from a start in the future.</summary>
    ImplausibleEpoch,

    /// <summary><c>two-programs</c>: two programs share the device's identity.</summary>
    TwoPrograms,

    /// <summary><c>quarantined</c>: the device has sent too many suspicious messages.</summary>
    Quarantined,

    /// <summary><c>fleet-full</c>: there is no space for another device.</summary>
    FleetFull,

    /// <summary><c>not-its-topic</c>: it names a device other than that of its topic.</summary>
    NotItsTopic,

    /// <summary><c>flood</c>: the device sent too many messages in a short time.</summary>
    Flood,

    /// <summary><c>resuming</c>: its base version may still be restored.</summary>
    Resuming,

    /// <summary><c>old-epoch</c>: its base is a version of an earlier aggregator.</summary>
    OldEpoch,

    /// <summary><c>empty</c>: it has neither steps nor moments.</summary>
    Empty,

    /// <summary><c>rolled-back</c>: the device has undone all its steps.</summary>
    RolledBack,

    /// <summary><c>no-samples</c>: it has steps without samples.</summary>
    NoSamples,

    /// <summary><c>late-round</c>: its round has ended, and the strategy accepts no late updates.</summary>
    LateRound,

    /// <summary><c>uninvited</c>: the device is not invited to the round.</summary>
    Uninvited,

    /// <summary><c>refused</c>: the strategy gives it no weight.</summary>
    Weightless,

    /// <summary><c>set-full</c>: there is no space to hold it until the end of the round.</summary>
    SetFull,

    /// <summary><c>share</c>: the device has too large a share of the round.</summary>
    Share,

    /// <summary><c>void-round</c>: its round ended without a new model.</summary>
    VoidRound,

    /// <summary><c>ended</c>: learning has ended.</summary>
    Ended,
}

internal static class UpdateRefusals
{
    private static readonly FrozenDictionary<string, UpdateRefusal> ByText =
        Enum.GetValues<UpdateRefusal>().ToFrozenDictionary(static r => r.Text(), StringComparer.Ordinal);

    internal static string Text(this UpdateRefusal refusal) => refusal switch
    {
        UpdateRefusal.Schema => "schema",
        UpdateRefusal.Shape => "shape",
        UpdateRefusal.Version => "version",
        UpdateRefusal.Stale => "stale",
        UpdateRefusal.NonFinite => "non-finite",
        UpdateRefusal.Norm => "norm",
        UpdateRefusal.Duplicate => "duplicate",
        UpdateRefusal.Identity => "identity",
        UpdateRefusal.NumberTwice => "number-twice",
        UpdateRefusal.Fenced => "fenced",
        UpdateRefusal.ImplausibleEpoch => "implausible-epoch",
        UpdateRefusal.TwoPrograms => "two-programs",
        UpdateRefusal.Quarantined => "quarantined",
        UpdateRefusal.FleetFull => "fleet-full",
        UpdateRefusal.NotItsTopic => "not-its-topic",
        UpdateRefusal.Flood => "flood",
        UpdateRefusal.Resuming => "resuming",
        UpdateRefusal.OldEpoch => "old-epoch",
        UpdateRefusal.Empty => "empty",
        UpdateRefusal.RolledBack => "rolled-back",
        UpdateRefusal.NoSamples => "no-samples",
        UpdateRefusal.LateRound => "late-round",
        UpdateRefusal.Uninvited => "uninvited",
        UpdateRefusal.Weightless => "refused",
        UpdateRefusal.SetFull => "set-full",
        UpdateRefusal.Share => "share",
        UpdateRefusal.VoidRound => "void-round",
        UpdateRefusal.Ended => "ended",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "expected a refusal"),
    };

    internal static UpdateRefusal? TryParse(string? text) => text is not null && ByText.TryGetValue(text, out var refusal) ? refusal : null;

    /// <summary>True for reasons that neither speed nor lost messages explain: impossible claims, or values unlike the fleet's.</summary>
    internal static bool IsSuspicious(this UpdateRefusal refusal) => refusal is UpdateRefusal.NotItsTopic or UpdateRefusal.ImplausibleEpoch
        or UpdateRefusal.Version or UpdateRefusal.NonFinite or UpdateRefusal.Shape or UpdateRefusal.Norm;

    internal static string CounterOfPresences(this UpdateRefusal refusal) => "presences-" + refusal.Text();
}
