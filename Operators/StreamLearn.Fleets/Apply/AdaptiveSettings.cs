namespace StreamLearn.Fleets;

internal readonly record struct AdaptiveSettings(
    float LearningRate = 0.01f, float Beta1 = 0.9f, float Beta2 = 0.99f, float Epsilon = 1e-3f);
