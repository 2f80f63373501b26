using Sensor;
using StreamLearn.Programs;

return await CommandRunner.RunAsync(SensorCommands.Create(), args).ConfigureAwait(false);
