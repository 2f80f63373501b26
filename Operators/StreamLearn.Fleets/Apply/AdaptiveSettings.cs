namespace StreamLearn.Fleets;

/// <summary>Settings of the adaptive steps on the server.</summary>
/// <param name="LearningRate">The rate η, above 0; default 0.01.</param>
/// <param name="Beta1">Share of the first moment that is kept, in [0, 1); default 0.9.</param>
/// <param name="Beta2">Share of the second moment that is kept, in [0, 1); default 0.99; FedAdagrad keeps all.</param>
/// <param name="Epsilon">What is added to the root of the second moment, above 0; default 0.001.</param>
internal readonly record struct AdaptiveSettings(
    float LearningRate = 0.01f, float Beta1 = 0.9f, float Beta2 = 0.99f, float Epsilon = 1e-3f);
