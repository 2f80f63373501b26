namespace StreamLearn.Nodes;

/// <summary>Where a part of a split model is trained.</summary>
public enum Side
{
    /// <summary>On the device, where the rows are.</summary>
    Device,

    /// <summary>On the edge, behind a link.</summary>
    Edge,
}
