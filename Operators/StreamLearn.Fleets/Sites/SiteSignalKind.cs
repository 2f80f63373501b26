namespace StreamLearn.Fleets;

internal enum SiteSignalKind
{
    /// <summary>The site's clock, and the places of changes waiting for its link.</summary>
    Pending,

    /// <summary>Confirms an update.</summary>
    Heard,

    /// <summary>Requests a snapshot to join.</summary>
    Join,

    /// <summary>The state for a joining site.</summary>
    Snapshot,

    /// <summary>Accepted a snapshot; it takes part from its clock on.</summary>
    Joined,
}
