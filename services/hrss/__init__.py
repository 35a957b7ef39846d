"""人社局: work for the parents of disabled children (clause XN-5).

The Human Resources and Social Security Bureau writes down which parents look for work, recommends posts to them, above
all in the spring campaign 春风行动, and registers when they start. It trains people and supports who starts a business.
It announces needs, recommendations, employment and its end, training, support, and the fairs of the campaign.
"""
