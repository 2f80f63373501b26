namespace StreamLearn.Fleets;

internal enum SiteSignalKind
{
    /// <summary>The site's clock, and the positions of changes that wait for its link.</summary>
    Pending,

    Heard,

    Join,

    Snapshot,

    /// <summary>Reports that a snapshot was accepted; the site takes part from its clock on.</summary>
    Joined,
}
