namespace StreamLearn.Nodes;

/// <summary>Where a part of a split model is trained.</summary>
public enum Side
{
    /// <summary>The device, where the rows are.</summary>
    Device,

    /// <summary>The edge, behind a link.</summary>
    Edge,
}
