/*
 * service_list.h
 *	  What a Resource can name, a row each.
 *
 * SERVICE(name, resource, patterns, place, arguments)
 *	  A Task's, without the ARN's partition.  service_run_<name>() runs it.
 * FORM(name, kind, resource, patterns, place)
 *	  A Task's Resource of another form than an integration's, and what of aws-sdk has no row of its own.
 * ITEM_SOURCE(name, resource, arguments), ITEM_TARGET(name, resource, arguments)
 *	  A Distributed Map's.  item_source_<name>() reads it, map_target_<name>() writes it.
 *
 * Of the arguments those that are required, with commas; after a ";" the others, where no more are known.
 *
 * A "*" at the end of a resource stands for the rest.  Who includes this file defines the rows he wants.
 */
#ifndef SERVICE
#define SERVICE(name, resource, patterns, place, arguments)
#endif
#ifndef FORM
#define FORM(name, kind, resource, patterns, place)
#endif
#ifndef ITEM_SOURCE
#define ITEM_SOURCE(name, resource, arguments)
#endif
#ifndef ITEM_TARGET
#define ITEM_TARGET(name, resource, arguments)
#endif

/* clang-format off */
FORM(sql_function, RESOURCE_SQL, "sql:*", REQUEST_RESPONSE, IN_TURN)
FORM(function, RESOURCE_FUNCTION, "lambda:*", REQUEST_RESPONSE, IN_TURN)
FORM(activity, RESOURCE_ACTIVITY, "states:*", REQUEST_RESPONSE, OUTSIDE)
FORM(http_post, RESOURCE_HTTP, "https://*", REQUEST_RESPONSE, IN_WORKER)
FORM(aws_sdk, RESOURCE_AWS_SDK, "states:::aws-sdk:*", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS)

SERVICE(sql_call, "states:::sql:call", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, IN_TURN, "Function;Args")
SERVICE(sql_query, "states:::sql:query", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, IN_TURN, "Query;Args")
SERVICE(lambda_invoke, "states:::lambda:invoke", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, IN_TURN, "FunctionName;Payload,InvocationType,ClientContext,LogType,Qualifier")
SERVICE(start_execution, "states:::states:startExecution", REQUEST_RESPONSE | SYNC | SYNC_2 | WAIT_FOR_TASK_TOKEN, OUTSIDE, "StateMachineArn;Input,Name,TraceHeader")
SERVICE(http_invoke, "states:::http:invoke", REQUEST_RESPONSE, IN_WORKER, "ApiEndpoint,Method;Authentication,InvocationConfig,Headers,QueryParameters,RequestBody,Transform")
SERVICE(apigateway_invoke, "states:::apigateway:invoke", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS, "ApiEndpoint,Method")
SERVICE(sqs_send_message, "states:::sqs:sendMessage", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS, "QueueUrl,MessageBody")
SERVICE(sns_publish, "states:::sns:publish", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS, "Message")
SERVICE(events_put_events, "states:::events:putEvents", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS, "Entries")
SERVICE(dynamodb_get_item, "states:::dynamodb:getItem", REQUEST_RESPONSE, AWS, "TableName,Key")
SERVICE(dynamodb_put_item, "states:::dynamodb:putItem", REQUEST_RESPONSE, AWS, "TableName,Item")
SERVICE(dynamodb_update_item, "states:::dynamodb:updateItem", REQUEST_RESPONSE, AWS, "TableName,Key")
SERVICE(dynamodb_delete_item, "states:::dynamodb:deleteItem", REQUEST_RESPONSE, AWS, "TableName,Key")
SERVICE(batch_submit_job, "states:::batch:submitJob", REQUEST_RESPONSE | SYNC, AWS, "JobDefinition,JobName,JobQueue")
SERVICE(ecs_run_task, "states:::ecs:runTask", REQUEST_RESPONSE | SYNC | WAIT_FOR_TASK_TOKEN, AWS, "TaskDefinition")
SERVICE(glue_start_job_run, "states:::glue:startJobRun", REQUEST_RESPONSE | SYNC, AWS, "JobName")
SERVICE(athena_start_query_execution, "states:::athena:startQueryExecution", REQUEST_RESPONSE | SYNC, AWS, "QueryString")
SERVICE(athena_stop_query_execution, "states:::athena:stopQueryExecution", REQUEST_RESPONSE, AWS, "QueryExecutionId")
SERVICE(athena_get_query_execution, "states:::athena:getQueryExecution", REQUEST_RESPONSE, AWS, "QueryExecutionId")
SERVICE(athena_get_query_results, "states:::athena:getQueryResults", REQUEST_RESPONSE, AWS, "QueryExecutionId")
SERVICE(codebuild_start_build, "states:::codebuild:startBuild", REQUEST_RESPONSE | SYNC, AWS, "ProjectName")
SERVICE(codebuild_stop_build, "states:::codebuild:stopBuild", REQUEST_RESPONSE, AWS, "Id")
SERVICE(codebuild_batch_delete_builds, "states:::codebuild:batchDeleteBuilds", REQUEST_RESPONSE, AWS, "Ids")
SERVICE(codebuild_batch_get_reports, "states:::codebuild:batchGetReports", REQUEST_RESPONSE, AWS, "ReportArns")
SERVICE(codebuild_start_build_batch, "states:::codebuild:startBuildBatch", REQUEST_RESPONSE | SYNC, AWS, "ProjectName")
SERVICE(codebuild_stop_build_batch, "states:::codebuild:stopBuildBatch", REQUEST_RESPONSE, AWS, "Id")
SERVICE(codebuild_retry_build_batch, "states:::codebuild:retryBuildBatch", REQUEST_RESPONSE | SYNC, AWS, "")
SERVICE(codebuild_delete_build_batch, "states:::codebuild:deleteBuildBatch", REQUEST_RESPONSE, AWS, "Id")
SERVICE(sagemaker_create_training_job, "states:::sagemaker:createTrainingJob", REQUEST_RESPONSE | SYNC, AWS, "TrainingJobName")
SERVICE(sagemaker_create_transform_job, "states:::sagemaker:createTransformJob", REQUEST_RESPONSE | SYNC, AWS, "TransformJobName")
SERVICE(sagemaker_create_tuning_job, "states:::sagemaker:createHyperParameterTuningJob", REQUEST_RESPONSE | SYNC, AWS, "HyperParameterTuningJobName")
SERVICE(sagemaker_create_labeling_job, "states:::sagemaker:createLabelingJob", REQUEST_RESPONSE | SYNC, AWS, "LabelingJobName")
SERVICE(sagemaker_create_processing_job, "states:::sagemaker:createProcessingJob", REQUEST_RESPONSE | SYNC, AWS, "ProcessingJobName")
SERVICE(sagemaker_create_endpoint, "states:::sagemaker:createEndpoint", REQUEST_RESPONSE, AWS, "EndpointName")
SERVICE(sagemaker_create_endpoint_config, "states:::sagemaker:createEndpointConfig", REQUEST_RESPONSE, AWS, "EndpointConfigName")
SERVICE(sagemaker_create_model, "states:::sagemaker:createModel", REQUEST_RESPONSE, AWS, "ModelName")
SERVICE(sagemaker_update_endpoint, "states:::sagemaker:updateEndpoint", REQUEST_RESPONSE, AWS, "EndpointName")
SERVICE(emr_create_cluster, "states:::elasticmapreduce:createCluster", REQUEST_RESPONSE | SYNC, AWS, "Name")
SERVICE(emr_terminate_cluster, "states:::elasticmapreduce:terminateCluster", REQUEST_RESPONSE | SYNC, AWS, "ClusterId")
SERVICE(emr_add_step, "states:::elasticmapreduce:addStep", REQUEST_RESPONSE | SYNC, AWS, "ClusterId,Step")
SERVICE(emr_cancel_step, "states:::elasticmapreduce:cancelStep", REQUEST_RESPONSE, AWS, "ClusterId,StepId")
SERVICE(emr_set_termination_protection, "states:::elasticmapreduce:setClusterTerminationProtection", REQUEST_RESPONSE, AWS, "ClusterId,TerminationProtected")
SERVICE(emr_modify_instance_fleet, "states:::elasticmapreduce:modifyInstanceFleetByName", REQUEST_RESPONSE, AWS, "ClusterId,InstanceFleetName,InstanceFleet")
SERVICE(emr_modify_instance_group, "states:::elasticmapreduce:modifyInstanceGroupByName", REQUEST_RESPONSE, AWS, "ClusterId,InstanceGroupName,InstanceGroup")
SERVICE(emr_containers_create_virtual_cluster, "states:::emr-containers:createVirtualCluster", REQUEST_RESPONSE, AWS, "Name")
SERVICE(emr_containers_delete_virtual_cluster, "states:::emr-containers:deleteVirtualCluster", REQUEST_RESPONSE | SYNC, AWS, "Id")
SERVICE(emr_containers_start_job_run, "states:::emr-containers:startJobRun", REQUEST_RESPONSE | SYNC, AWS, "VirtualClusterId")
SERVICE(emr_serverless_create_application, "states:::emr-serverless:createApplication", REQUEST_RESPONSE | SYNC, AWS, "Name")
SERVICE(emr_serverless_start_application, "states:::emr-serverless:startApplication", REQUEST_RESPONSE | SYNC, AWS, "ApplicationId")
SERVICE(emr_serverless_stop_application, "states:::emr-serverless:stopApplication", REQUEST_RESPONSE | SYNC, AWS, "ApplicationId")
SERVICE(emr_serverless_delete_application, "states:::emr-serverless:deleteApplication", REQUEST_RESPONSE | SYNC, AWS, "ApplicationId")
SERVICE(emr_serverless_start_job_run, "states:::emr-serverless:startJobRun", REQUEST_RESPONSE | SYNC, AWS, "ApplicationId")
SERVICE(emr_serverless_cancel_job_run, "states:::emr-serverless:cancelJobRun", REQUEST_RESPONSE | SYNC, AWS, "ApplicationId,JobRunId")
SERVICE(eks_create_cluster, "states:::eks:createCluster", REQUEST_RESPONSE | SYNC, AWS, "Name")
SERVICE(eks_delete_cluster, "states:::eks:deleteCluster", REQUEST_RESPONSE | SYNC, AWS, "Name")
SERVICE(eks_create_fargate_profile, "states:::eks:createFargateProfile", REQUEST_RESPONSE | SYNC, AWS, "ClusterName")
SERVICE(eks_delete_fargate_profile, "states:::eks:deleteFargateProfile", REQUEST_RESPONSE | SYNC, AWS, "ClusterName")
SERVICE(eks_create_nodegroup, "states:::eks:createNodegroup", REQUEST_RESPONSE | SYNC, AWS, "ClusterName")
SERVICE(eks_delete_nodegroup, "states:::eks:deleteNodegroup", REQUEST_RESPONSE | SYNC, AWS, "ClusterName")
SERVICE(eks_call, "states:::eks:call", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS, "ClusterName,Endpoint,Method,Path")
SERVICE(eks_run_job, "states:::eks:runJob", REQUEST_RESPONSE | SYNC | WAIT_FOR_TASK_TOKEN, AWS, "ClusterName,Endpoint,Job")
SERVICE(databrew_start_job_run, "states:::databrew:startJobRun", REQUEST_RESPONSE | SYNC, AWS, "Name")
SERVICE(mediaconvert_create_job, "states:::mediaconvert:createJob", REQUEST_RESPONSE | SYNC, AWS, "Role,Settings")
SERVICE(bedrock_invoke_model, "states:::bedrock:invokeModel", REQUEST_RESPONSE | WAIT_FOR_TASK_TOKEN, AWS, "ModelId")
SERVICE(bedrock_create_customization_job, "states:::bedrock:createModelCustomizationJob", REQUEST_RESPONSE | SYNC, AWS, "JobName")

ITEM_SOURCE(query, "states:::sql:query", "Query")
ITEM_SOURCE(get_object, "states:::s3:getObject", "Bucket,Key")
ITEM_SOURCE(list_objects, "states:::s3:listObjectsV2", "Bucket")
ITEM_SOURCE(table, "states:::sql:table", "Table")
ITEM_SOURCE(text, "states:::sfn:text", "Text")
ITEM_SOURCE(url, "https://*", "")
ITEM_TARGET(put_object, "states:::s3:putObject", "Bucket")
ITEM_TARGET(table, "states:::sql:table", "Table")
ITEM_TARGET(query, "states:::sql:query", "Query")
ITEM_TARGET(discard, "states:::sfn:discard", "")
/* clang-format on */

#undef SERVICE
#undef FORM
#undef ITEM_SOURCE
#undef ITEM_TARGET
