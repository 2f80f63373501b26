using StreamLearn.Learning;

namespace StreamLearn.Nodes;

/// <summary>Why an edge did not answer rows.</summary>
public enum RestRefusal
{
    /// <summary>It did.</summary>
    None,

    /// <summary>It does not have the version that computed them.</summary>
    Version,

    /// <summary>They are of another model.</summary>
    Schema,

    /// <summary>The layer is none of the model's, or the values are not as many as the rows have before it.</summary>
    Shape,

    /// <summary>There are values that are no numbers.</summary>
    NonFinite,
}
