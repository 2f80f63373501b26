namespace StreamLearn.Fleets;

/// <summary>Reasons that several places name.</summary>
internal static class Refusals
{
    /// <summary>The message names another device than its topic.</summary>
    internal const string NotItsTopic = "not-its-topic";

    /// <summary>Its start is not one that a device can have.</summary>
    internal const string ImplausibleEpoch = "implausible-epoch";

    /// <summary>Its device has sent too much that cannot be.</summary>
    internal const string Quarantined = "quarantined";

    /// <summary>Its device sends far more than all the others together.</summary>
    internal const string Flood = "flood";

    /// <summary>The round has as many updates of its device as of all the others together.</summary>
    internal const string Share = "share";

    /// <summary>Two programs speak for its device under one identity.</summary>
    internal const string TwoPrograms = "two-programs";

    /// <summary>The counter of presences that were dropped for a reason, beside the drop itself.</summary>
    internal static string OfPresences(string reason) => reason switch
    {
        "fenced" => "presences-fenced",
        "fleet-full" => "presences-fleet-full",
        NotItsTopic => "presences-not-its-topic",
        ImplausibleEpoch => "presences-implausible-epoch",
        _ => "presences-quarantined",
    };
}
