using System.Collections.Frozen;

namespace StreamLearn.Fleets;

/// <summary>Why an aggregator takes no update; what travels and is counted is its text (<see cref="UpdateRefusals"/>).</summary>
public enum UpdateRefusal
{
    /// <summary><c>schema</c>: an update of another model.</summary>
    Schema,

    /// <summary><c>shape</c>: values, gradient or moments of the wrong length.</summary>
    Shape,

    /// <summary><c>version</c>: its base version is unknown.</summary>
    Version,

    /// <summary><c>stale</c>: its base version is too old.</summary>
    Stale,

    /// <summary><c>non-finite</c>: values or moments that are not finite.</summary>
    NonFinite,

    /// <summary><c>norm</c>: far greater than the fleet's updates.</summary>
    Norm,

    /// <summary><c>duplicate</c>: received before.</summary>
    Duplicate,

    /// <summary><c>identity</c>: an invalid number, or one so old that its outcome is forgotten.</summary>
    Identity,

    /// <summary><c>number-twice</c>: another update has its number.</summary>
    NumberTwice,

    /// <summary><c>fenced</c>: from an earlier start of the device.</summary>
    Fenced,

    /// <summary><c>implausible-epoch</c>: from a start in the future.</summary>
    ImplausibleEpoch,

    /// <summary><c>two-programs</c>: two programs share the device's identity.</summary>
    TwoPrograms,

    /// <summary><c>quarantined</c>: the device has sent too many suspicious messages.</summary>
    Quarantined,

    /// <summary><c>fleet-full</c>: no room for another device.</summary>
    FleetFull,

    /// <summary><c>not-its-topic</c>: it names another device than its topic.</summary>
    NotItsTopic,

    /// <summary><c>flood</c>: too many messages in a short time.</summary>
    Flood,

    /// <summary><c>resuming</c>: its base version may still be restored.</summary>
    Resuming,

    /// <summary><c>old-epoch</c>: its base is a version of an earlier aggregator.</summary>
    OldEpoch,

    /// <summary><c>empty</c>: it has neither steps nor moments.</summary>
    Empty,

    /// <summary><c>rolled-back</c>: the device has taken all its steps back.</summary>
    RolledBack,

    /// <summary><c>no-samples</c>: steps without samples.</summary>
    NoSamples,

    /// <summary><c>late-round</c>: its round has ended, and the strategy counts no late updates.</summary>
    LateRound,

    /// <summary><c>uninvited</c>: the device is not invited to the round.</summary>
    Uninvited,

    /// <summary><c>refused</c>: the strategy gives it no weight.</summary>
    Weightless,

    /// <summary><c>set-full</c>: no room to hold it until the round's end.</summary>
    SetFull,

    /// <summary><c>share</c>: the device has too large a share of the round.</summary>
    Share,

    /// <summary><c>void-round</c>: its round ended without a new model.</summary>
    VoidRound,

    /// <summary><c>ended</c>: learning has ended.</summary>
    Ended,
}

/// <summary>Texts of refusals, as in receipts, counters, ledgers and states.</summary>
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

    internal static UpdateRefusal? TryParse(string? text) =>
        text is not null && ByText.TryGetValue(text, out var refusal) ? refusal : null;

    /// <summary>Reasons that neither haste nor loss explains: impossible claims, or values unlike the fleet's.</summary>
    internal static bool IsSuspicious(this UpdateRefusal refusal) => refusal is UpdateRefusal.NotItsTopic or UpdateRefusal.ImplausibleEpoch
        or UpdateRefusal.Version or UpdateRefusal.NonFinite or UpdateRefusal.Shape or UpdateRefusal.Norm;

    internal static string CounterOfPresences(this UpdateRefusal refusal) => "presences-" + refusal.Text();
}
