namespace StreamLearn;

/// <summary>A control input that data never holds back, for model versions, directives or gradients.</summary>
/// <typeparam name="T">The control messages; an operator may accept several types.</typeparam>
public interface IControlledBy<in T>
    where T : class
{
    /// <summary>Handles a control message before queued data.</summary>
    /// <param name="message">The message; owned by the operator.</param>
    void Control(T message);
}
