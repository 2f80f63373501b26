namespace StreamLearn.Nodes;

/// <summary>Why an edge refused rows.</summary>
public enum RestRefusal
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>The edge lacks the rows' version.</summary>
    Version,

    /// <summary>The rows are of another model.</summary>
    Schema,

    /// <summary>The layer does not exist, or the number of values is wrong.</summary>
    Shape,

    /// <summary>There are non-finite values.</summary>
    NonFinite,
}
