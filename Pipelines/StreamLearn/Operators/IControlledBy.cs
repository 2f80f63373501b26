namespace StreamLearn;

/// <summary>A second input of an operator that is never held back by the first: model versions, directives, gradients.</summary>
/// <typeparam name="T">The control messages. An operator may take several kinds.</typeparam>
public interface IControlledBy<in T>
    where T : class
{
    /// <summary>Handles one control message, before any data that waits.</summary>
    /// <param name="message">The message; owned by the operator.</param>
    void Control(T message);
}
