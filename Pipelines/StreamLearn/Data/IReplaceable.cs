namespace StreamLearn;

/// <summary>A control message that replaces a queued one of the same kind and key, such as a model version.</summary>
public interface IReplaceable
{
    /// <summary>The sender. One message per kind and key is queued.</summary>
    string ReplacementKey { get; }
}
