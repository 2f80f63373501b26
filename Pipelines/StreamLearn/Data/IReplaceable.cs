namespace StreamLearn;

/// <summary>A control message of which only the newest of its kind and sender matters, such as a model version: on a control input it
/// replaces the one that waits.</summary>
public interface IReplaceable
{
    /// <summary>Who sent it; one message of each kind and key waits.</summary>
    string ReplacementKey { get; }
}
