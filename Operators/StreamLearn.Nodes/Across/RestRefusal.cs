namespace StreamLearn.Nodes;

/// <summary>Why an edge refused rows.</summary>
public enum RestRefusal
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>It lacks the rows' version.</summary>
    Version,

    /// <summary>They are of another model.</summary>
    Schema,

    /// <summary>No such layer, or a wrong number of values.</summary>
    Shape,

    /// <summary>There are non-finite values.</summary>
    NonFinite,
}
