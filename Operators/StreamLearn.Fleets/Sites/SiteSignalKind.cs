namespace StreamLearn.Fleets;

internal enum SiteSignalKind
{
    /// <summary>The site's clock, and the positions of changes that wait for its link.</summary>
    Pending,

    /// <summary>Confirms an update.</summary>
    Heard,

    /// <summary>Requests a snapshot to join.</summary>
    Join,

    /// <summary>The state for a joining site.</summary>
    Snapshot,

    /// <summary>Reports that a snapshot was accepted; the site takes part from its clock on.</summary>
    Joined,
}
